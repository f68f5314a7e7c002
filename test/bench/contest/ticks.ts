/** Each token ticks at 2 Hz. */
export const tickMs = 500;

/**
 * When each of so many tokens is to tick for the first time, in ms of `Date.now`:
 * spread evenly over the period after the next one.
 */
export function firstTicks(tokens: number): number[] {
  const start = Date.now() + tickMs;
  return Array.from(
    { length: tokens },
    (_, token) => start + Math.floor((token * tickMs) / tokens),
  );
}

/** How long to wait for what is due then, in ms. */
export function untilDue(due: number): number {
  return Math.max(0, due - Date.now());
}
