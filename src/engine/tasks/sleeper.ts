import { countOf, type Few, forEachOf, withItem, withoutItem } from '../../store/few.ts';
import type { Clock } from '../../time/clock.ts';

/** One sleep that is under way. */
class Nap {
  cancel: () => void = () => {};
  readonly reject: (reason: unknown) => void;

  constructor(reject: (reason: unknown) => void) {
    this.reject = reject;
  }
}

/** Sleeps that one signal ends, with one listener for all: one for each costs more than its timer. */
export class Sleeper {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #naps: Few<Nap> = null;
  #listens = false;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Whether anybody sleeps. */
  get isAsleep(): boolean {
    return countOf(this.#naps) > 0;
  }

  /** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number): Promise<void> {
    const signal = this.#signal;
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#listen();
    return new Promise((resolve, reject) => {
      const nap = new Nap(reject);
      nap.cancel = this.#clock.after(ms, () => {
        this.#naps = withoutItem(this.#naps, nap);
        resolve();
      });
      this.#naps = withItem(this.#naps, nap);
    });
  }

  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    const endAll = () => {
      const naps = this.#naps;
      this.#naps = null;
      forEachOf(naps, ({ cancel, reject }) => {
        cancel();
        reject(this.#signal.reason);
      });
    };
    this.#signal.addEventListener('abort', endAll, { once: true });
  }
}
