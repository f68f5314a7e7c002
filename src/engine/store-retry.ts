import type { Clock } from '../time/clock.ts';

/** How long to wait before a store that failed is asked again, in ms. */
export const storeRetryMs = 1_000;

/** Waits for so long. */
export function storeRetry(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(storeRetryMs, resolve));
}
