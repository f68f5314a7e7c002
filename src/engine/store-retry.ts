import {
  ConflictError,
  LeaseLostError,
  StoreOutcomeError,
  StoreUnavailableError,
  StoreWriteError,
} from '../errors/index.ts';
import type { Clock } from '../time/clock.ts';

/** How long to wait before a store that failed is asked again, in ms. */
export const storeRetryMs = 1_000;

/** Waits for so long. */
export function storeRetry(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(storeRetryMs, resolve));
}

/** Whether the store may do the same a moment later. */
export function isPassing(error: unknown): error is Error {
  return [StoreUnavailableError, StoreOutcomeError, LeaseLostError, ConflictError].some(
    (kind) => error instanceof kind,
  );
}

/** The same for what has to be done some time: also one that has no room may have it then. */
export function isPassingInTime(error: unknown): error is Error {
  return isPassing(error) || error instanceof StoreWriteError;
}

/** Does it again and again while it fails with what passes. */
export async function untilPossible<T>(
  work: () => Promise<T>,
  {
    clock,
    isPassing: passes = isPassing,
  }: { readonly clock: Clock; readonly isPassing?: (error: unknown) => boolean },
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error)) throw error;
      await storeRetry(clock);
    }
  }
}
