import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/**
 * The rejections that nobody has handled since, without those that graphql-js 16 leaves
 * behind where one item of a list throws and others have not settled.
 */
export function watchRejections(): readonly unknown[] {
  const left: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  const note = (reason: unknown) => {
    if (String((reason as Error | undefined)?.stack).includes('src/server/execution')) {
      left.push(reason);
    }
  };
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  onTestFinished(async () => {
    // They are told when the microtasks are done.
    await setImmediate();
    process.off('unhandledRejection', note);
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  return left;
}
