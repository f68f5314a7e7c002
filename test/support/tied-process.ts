import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Waits for the end of its input, which comes with the end of whoever wrote to it. */
const guardScript = 'cat > /dev/null; kill -9 "$1"';

/**
 * Starts a child process that does not outlive this one, however this one ends:
 * a guard kills it, also if it is stopped.
 */
export function spawnTied(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(command, args, options);
  if (child.pid === undefined) return child;
  // In a group of its own: what ends us by a signal to our group must not end the guard.
  const guard = spawn('/bin/sh', ['-c', guardScript, 'guard', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  child.once('exit', () => guard.kill('SIGKILL'));
  return child;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Sends the signal to a process that runs, and waits for its end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
