import { andThen, type MaybePromise } from '../time/at-once.ts';

/**
 * The same iterator with other values; `onEnd` is called once, when it is done or nobody
 * wants any more. Not an async generator: those take a `return()` only when the `next()`
 * at hand is done, so a subscriber that leaves while it waits would never be let go.
 */
export function mapAsyncIterator<From, To>(
  source: AsyncIterableIterator<From>,
  map: (value: From) => MaybePromise<To>,
  onEnd: () => void = () => {},
): AsyncIterableIterator<To> {
  // Two of them in a row are one: each would make promises of its own for every value.
  if (source instanceof MappedIterator) return source.extend(map, onEnd);
  return new MappedIterator(source, map, onEnd);
}

class MappedIterator<From, To> implements AsyncIterableIterator<To> {
  readonly #source: AsyncIterator<From>;
  readonly #map: (value: From) => MaybePromise<To>;
  readonly #onEnd: () => void;
  #hasEnded = false;

  constructor(
    source: AsyncIterator<From>,
    map: (value: From) => MaybePromise<To>,
    onEnd: () => void,
  ) {
    this.#source = source;
    this.#map = map;
    this.#onEnd = onEnd;
  }

  extend<Next>(next: (value: To) => MaybePromise<Next>, onEnd: () => void) {
    const end = () => {
      this.#end();
      onEnd();
    };
    return new MappedIterator(this.#source, (value: From) => andThen(this.#map(value), next), end);
  }

  next(): Promise<IteratorResult<To>> {
    return this.#source.next().then((result) => {
      if (!result.done) return andThen(this.#map(result.value), asResult);
      this.#end();
      return result;
    });
  }

  async return(): Promise<IteratorResult<To>> {
    this.#end();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd();
  }
}

function asResult<T>(value: T): IteratorResult<T> {
  return { done: false, value };
}
