import { andThen, type MaybePromise } from '../time/at-once.ts';
import { isPolled, type Polled, type ReadyListener } from './polled.ts';

/**
 * The same iterator with other values, {@link Polled} if it is; `onEnd` is called once, when it is done, has failed, or
 * nobody wants any more. Not an async generator: those take a `return()` only when the `next()`
 * at hand is done, so a subscriber that leaves while it waits would never be let go.
 */
export function mapAsyncIterator<From, To>(
  source: AsyncIterableIterator<From>,
  map: (value: From) => MaybePromise<To>,
  onEnd: () => void = nothing,
): AsyncIterableIterator<To> {
  // Two of them in a row are one: each would make promises of its own for every value.
  if (source instanceof MappedIterator) return source.extend(map, onEnd);
  return mapped(source, map, onEnd);
}

function mapped<From, To>(
  source: AsyncIterator<From>,
  map: (value: From) => MaybePromise<To>,
  onEnd: () => void,
): AsyncIterableIterator<To> {
  return isPolled(source)
    ? new PolledMappedIterator(source, map, onEnd)
    : new MappedIterator(source, map, onEnd);
}

function nothing(): void {}

function both(first: () => void, second: () => void): () => void {
  if (first === nothing) return second;
  if (second === nothing) return first;
  return () => {
    first();
    second();
  };
}

function chain<From, Via, To>(
  map: (value: From) => MaybePromise<Via>,
  next: (value: Via) => MaybePromise<To>,
): (value: From) => MaybePromise<To> {
  return (value) => andThen(map(value), next);
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

  /** Takes its place, and keeps nothing of it but its functions. */
  extend<Next>(next: (value: To) => MaybePromise<Next>, onEnd: () => void) {
    return mapped(this.#source, chain(this.#map, next), both(this.#onEnd, onEnd));
  }

  next(): Promise<IteratorResult<To>> {
    return this.#source.next().then(
      (result) => this.mapResult(result),
      (error: unknown) => {
        this.#end();
        throw error;
      },
    );
  }

  async return(): Promise<IteratorResult<To>> {
    this.#end();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  protected mapResult(result: IteratorResult<From>): MaybePromise<IteratorResult<To>> {
    if (!result.done) return andThen(this.#map(result.value), asResult);
    this.#end();
    return result;
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd();
  }
}

class PolledMappedIterator<From, To> extends MappedIterator<From, To> implements Polled<To> {
  readonly #source: Polled<From>;

  constructor(source: Polled<From>, map: (value: From) => MaybePromise<To>, onEnd: () => void) {
    super(source, map, onEnd);
    this.#source = source;
  }

  poll(): MaybePromise<IteratorResult<To>> | null {
    const result = this.#source.poll();
    if (result === null) return null;
    return result instanceof Promise
      ? result.then((later) => this.mapResult(later))
      : this.mapResult(result);
  }

  whenReady(listener: ReadyListener): void {
    this.#source.whenReady(listener);
  }
}

function asResult<T>(value: T): IteratorResult<T> {
  return { done: false, value };
}
