import type { EngineOptions } from './engine-options.ts';
import type { Rooms } from './rooms.ts';

/** How often, in ms, tokens in use are kept and others looked through, unless their time is short. */
const maxSweepMs = 60_000;

function sweepMs(idleTtlMs: number): number {
  return Math.min(Math.max(idleTtlMs / 4, 1), maxSweepMs);
}

/** Keeps the tokens of these rooms that are in use, and has the store delete others whose time is over: now and then, until the returned function is called. */
export function startSweeping(
  { clock, limits, logger, store }: EngineOptions,
  allRooms: readonly Rooms[],
): () => void {
  // What is kept from before follows this app's time.
  store.keep([], limits.idleTtlMs);
  return clock.every(sweepMs(limits.idleTtlMs), () => {
    for (const rooms of allRooms) rooms.keepUsed();
    store.sweep().catch((error: unknown) => {
      logger.error({ err: error }, 'not every token whose time is over could be deleted');
    });
  });
}
