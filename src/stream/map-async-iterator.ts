/**
 * The same iterator with other values. Not an async generator: those take a
 * `return()` only when the `next()` at hand is done, so a subscriber that
 * leaves while it waits would never be let go.
 */
export function mapAsyncIterator<From, To>(
  source: AsyncIterableIterator<From>,
  map: (value: From) => To,
): AsyncIterableIterator<To> {
  return {
    async next() {
      const result = await source.next();
      return result.done ? result : { done: false, value: map(result.value) };
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
