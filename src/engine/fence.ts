import { setMaxListeners } from 'node:events';
import { type Few, forEachOf, withItem, withoutItem } from '../store/few.ts';

/** What says whether something is given up, as far as the engine asks: an `AbortSignal`, or a {@link Fence}. */
export interface Abortable {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** @throws the reason, if it has aborted. */
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Says of a task, at each of its steps, whether it may go on. It is no `AbortSignal` itself:
 * each of those has a shape of its own to V8, so that of many every question is a search, and
 * one that nobody sees has 700 bytes.
 */
export class Fence implements Abortable {
  #reason: Error | null = null;
  #listeners: Few<() => void> = null;
  #controller: AbortController | null = null;

  get aborted(): boolean {
    return this.#reason !== null;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  /** The same for users; made when it is asked for. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      // One for each lock that a task waits for, and for whatever else its handler does.
      setMaxListeners(0, this.#controller.signal);
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  throwIfAborted(): void {
    if (this.#reason) throw this.#reason;
  }

  /** Once: the first reason stays. */
  abort(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = null;
    forEachOf(listeners, (listener) => listener());
    this.#controller?.abort(reason);
  }

  /** Calls a function once, when it aborts; not if it has. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#reason) this.#listeners = withItem(this.#listeners, listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = withoutItem(this.#listeners, listener);
  }
}
