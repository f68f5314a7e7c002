import type { MaybePromise } from '../time/at-once.ts';

/** Who waits until an iterator has something. */
export interface ReadyListener {
  onReady(): void;
}

/**
 * An iterator that one consumer may ask in another way than by `next()`: the promise of that
 * waits for long, is old when it is resolved, and keeps the value up to the next full collection
 * of garbage, with all that is new at that value. Who listens waits without one.
 */
export interface Polled<T> extends AsyncIterator<T> {
  /** The next value, or the end; null if there is neither yet. */
  poll(): MaybePromise<IteratorResult<T>> | null;
  /**
   * Calls the listener once, never before this returns, when there may be one. To be called at
   * once after {@link poll} gave null.
   */
  whenReady(listener: ReadyListener): void;
}

export function isPolled<T>(iterator: AsyncIterator<T>): iterator is Polled<T> {
  return 'poll' in iterator;
}
