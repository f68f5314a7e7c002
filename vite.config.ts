import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The pages of the examples, to be served by `examples/demo.ts`. */
export default defineConfig({
  root: fileURLToPath(new URL('examples', import.meta.url)),
  publicDir: false,
  build: {
    outDir: 'dist',
    rolldownOptions: {
      input: ['', 'account/', 'background-task/', 'low-level-api/', 'todos/'].map((page) =>
        fileURLToPath(new URL(`examples/${page}index.html`, import.meta.url)),
      ),
    },
  },
});
