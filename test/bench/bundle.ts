import { execFileSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside the packages, so that what it imports is found. */
const folder = fileURLToPath(new URL('../../node_modules/.cache/statewire-bench', import.meta.url));

/**
 * A program of the benchmarks and all of the library in one file, as packages are
 * built: what runs sources as they are gives each function a name when it is made,
 * which costs more than some of them do. Returns its path.
 */
export function bundle(program: string): string {
  const target = join(folder, basename(dirname(program)));
  execFileSync(
    'npx',
    [
      ...['tsdown', program, '--out-dir', target, '--no-config', '--no-dts'],
      ...['--platform', 'node', '--target', 'node20', '--logLevel', 'warn'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return join(target, `${basename(program, '.ts')}.mjs`);
}
