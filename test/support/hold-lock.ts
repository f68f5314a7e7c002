import type { App } from 'statewire';
import { Deferred } from './deferred.ts';

/** Holds the lock of a token; the returned function lets go of it, and resolves when that is done. */
export async function holdLock<Context>(
  app: App<Context>,
  token = 'T',
): Promise<() => Promise<void>> {
  const held = new Deferred();
  const release = new Deferred();
  const holding = app.modifyState(app.keyOf(token), () => {
    held.resolve();
    return release.promise;
  });
  await held.promise;
  return () => {
    release.resolve();
    return holding;
  };
}
