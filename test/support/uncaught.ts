import { onTestFinished } from 'vitest';

/** Errors that nobody has caught, in place of a failure of the test. */
export function collectUncaught(): unknown[] {
  const uncaught: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => uncaught.push(error));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
  return uncaught;
}
