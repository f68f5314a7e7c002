import type { Clock } from './clock.ts';

/** Sleeps that one signal ends, with one listener for all: one for each costs more than its timer. */
export class Sleeper {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #wakers = new Set<() => void>();
  #listens = false;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Whether anybody sleeps. */
  get isAsleep(): boolean {
    return this.#wakers.size > 0;
  }

  /** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number): Promise<void> {
    const signal = this.#signal;
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#listen();
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(ms, () => {
        this.#wakers.delete(wake);
        resolve();
      });
      const wake = () => {
        cancel();
        reject(signal.reason);
      };
      this.#wakers.add(wake);
    });
  }

  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    const wakeAll = () => {
      for (const wake of this.#wakers) wake();
      this.#wakers.clear();
    };
    this.#signal.addEventListener('abort', wakeAll, { once: true });
  }
}
