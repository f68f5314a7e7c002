import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const cache = fileURLToPath(new URL('../../node_modules/.cache/statewire', import.meta.url));

const made = new Map<string, Promise<string>>();

/**
 * A TypeScript program of this project as one file for Node, at its path: it starts in a
 * third of the time that it takes through tsx, and tests start many. Packages stay what
 * they are. Made once in a process, and gone with it.
 */
export function bundled(program: string): Promise<string> {
  const known = made.get(program) ?? bundle(program);
  made.set(program, known);
  return known;
}

async function bundle(program: string): Promise<string> {
  const outfile = `${cache}/${basename(program, '.ts')}-${process.pid}-${made.size}.mjs`;
  process.once('exit', () => rmSync(outfile, { force: true }));
  await build({
    ...{ entryPoints: [program], outfile, bundle: true, packages: 'external' },
    ...{ platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' },
    plugins: [ownUrls],
    // The examples are imported for what they add to the schema.
    ignoreAnnotations: true,
  });
  return outfile;
}

/** Each file knows where it was. */
const ownUrls: Plugin = {
  name: 'own-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const url = JSON.stringify(pathToFileURL(path).href);
      return { loader: 'ts', contents: source.replaceAll('import.meta.url', url) };
    });
  },
};
