import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Reflex app, with what it requires. */
export const appFolder = fileURLToPath(new URL('app', import.meta.url));

/**
 * Installs Reflex from PyPI into a folder of its own, once. Returns that folder, or
 * null where it cannot be installed: it says why.
 */
export function installReflex(): string | null {
  const folder = fileURLToPath(
    new URL('../../../node_modules/.cache/statewire-bench/reflex', import.meta.url),
  );
  const requirements = join(appFolder, 'requirements.txt');
  const installed = join(folder, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return folder;
  try {
    // CPU times are read from /proc.
    if (process.platform !== 'linux') throw new Error(`Expected Linux, got ${process.platform}.`);
    run('python3', ['-m', 'venv', '--clear', folder]);
    run(join(folder, 'bin/python'), [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'],
      ...['--requirement', requirements],
    ]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    console.warn(`Reflex cannot be installed: ${error instanceof Error ? error.message : error}`);
    return null;
  }
  writeFileSync(installed, wanted);
  return folder;
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
}
