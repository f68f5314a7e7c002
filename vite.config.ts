import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { entryPoints } from './scripts/entry-points.ts';

const pages = [
  '',
  'account/',
  'apollo/',
  'background-task/',
  'long-task/',
  'low-level-api/',
  'todos/',
  'urql/',
];

/** The pages of the examples, to be served by `examples/demo.ts`. */
export default defineConfig({
  root: fileURLToPath(new URL('examples', import.meta.url)),
  publicDir: false,
  plugins: [react()],
  resolve: { alias: entryPoints },
  build: {
    outDir: 'dist',
    // They come from this machine.
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      input: pages.map((page) =>
        fileURLToPath(new URL(`examples/${page}index.html`, import.meta.url)),
      ),
    },
  },
});
