import type { Polled, ReadyListener } from './polled.ts';

type Resolve<T> = (result: IteratorResult<T>) => void;

const ended: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** Whose reactions come in the next turn of promises; `queueMicrotask` of Node takes twice as long. */
const settled = Promise.resolve();

/**
 * Values for whoever asks for them, which are made when somebody does: nothing is
 * queued but those who ask.
 *
 * Not an async generator: `return()` must end it while `next()` waits.
 */
export abstract class PullIterator<T> implements AsyncIterableIterator<T>, Polled<T> {
  /** Who waits without asking. */
  #listener: ReadyListener | null = null;
  /** Who asks; almost always one at a time, and mostly for long. */
  #waiting: Resolve<T> | null = null;
  /** Who has asked after it. */
  #others: Resolve<T>[] | null = null;
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
    const listener = this.#listener;
    if (listener) {
      this.#listener = null;
      void settled.then(() => listener.onReady());
    }
    while (this.#waiting) {
      const value = this.#isDone ? null : this.take();
      if (value === null && !this.#isDone) return;
      const answer = this.#waiting;
      this.#waiting = this.#others?.shift() ?? null;
      answer(value === null ? { done: true, value: undefined } : { done: false, value });
    }
  }

  poll(): IteratorResult<T> | null {
    if (this.#isDone) return ended;
    const value = this.take();
    return value === null ? null : { done: false, value };
  }

  whenReady(listener: ReadyListener): void {
    this.#listener = listener;
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve) => {
      if (this.#waiting) {
        this.#others ??= [];
        this.#others.push(resolve);
      } else {
        this.#waiting = resolve;
      }
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
