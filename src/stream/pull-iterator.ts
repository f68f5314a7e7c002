/**
 * Values for whoever asks for them, which are made when somebody does: nothing is
 * queued but those who ask.
 *
 * Not an async generator: `return()` must end it while `next()` waits.
 */
export abstract class PullIterator<T> implements AsyncIterableIterator<T> {
  readonly #waiting: ((result: IteratorResult<T>) => void)[] = [];
  #isDone = false;

  /** Whether nobody wants any more of it. */
  protected get isDone(): boolean {
    return this.#isDone;
  }

  /** The next value, if there is one now. */
  protected abstract take(): T | null;

  /** Called once, when nobody wants any more. */
  protected abstract end(): void;

  /** To be called when there may be a value. */
  protected serve(): void {
    while (this.#waiting.length > 0) {
      const value = this.#isDone ? null : this.take();
      if (value !== null) this.#waiting.shift()?.({ done: false, value });
      else if (this.#isDone) this.#waiting.shift()?.({ done: true, value: undefined });
      else return;
    }
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.serve();
    });
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.#isDone) {
      this.#isDone = true;
      this.end();
      this.serve();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
