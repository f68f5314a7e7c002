import { execFileSync } from 'node:child_process';

/**
 * Does the work with this process, and with what it starts meanwhile, on one core. Where
 * there is no `taskset`, on all of them.
 */
export async function onOneCore<T>(work: () => Promise<T>): Promise<T> {
  const cores = ownCores();
  const [first] = cores?.match(/\d+/) ?? [];
  if (!cores || !first) {
    console.log('taskset is missing: client and servers are on whatever core there is');
    return work();
  }
  stayOn(first);
  try {
    return await work();
  } finally {
    stayOn(cores);
  }
}

/** Such as 0-3; null if that cannot be known. */
function ownCores(): string | null {
  try {
    const said = execFileSync('taskset', ['-cp', `${process.pid}`], { encoding: 'utf8' });
    return said.trim().split(' ').at(-1) ?? null;
  } catch {
    return null;
  }
}

/** All threads of this process. */
function stayOn(cores: string): void {
  execFileSync('taskset', ['-acp', cores, `${process.pid}`], { stdio: 'ignore' });
}
