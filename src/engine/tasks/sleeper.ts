import { countOf, type Few, forEachOf, withItem, withoutItem } from '../../store/few.ts';
import { Alarm } from '../../time/alarm.ts';
import type { Clock } from '../../time/clock.ts';
import type { Fence } from '../fence.ts';

type Resolve = (end?: Promise<never>) => void;

/** One sleep that is under way. */
class Nap extends Alarm {
  readonly #sleeper: Sleeper;
  #resolve: Resolve = () => {};

  constructor(sleeper: Sleeper) {
    super();
    this.#sleeper = sleeper;
  }

  /** To be called before each time that it is set. */
  begin(resolve: Resolve): void {
    this.#resolve = resolve;
  }

  override ring(): void {
    this.#sleeper.wake(this);
    this.#resolve();
  }

  /** With a promise that rejects: the function that rejects would be one more thing to keep for each sleep. */
  fail(reason: unknown): void {
    this.#resolve(Promise.reject(reason));
  }
}

/** Sleeps that one fence ends, with one listener for all: one for each costs more than its timer. */
export class Sleeper {
  readonly #clock: Clock;
  readonly #fence: Fence;
  #naps: Few<Nap> = null;
  /** One that has ended, for the next time. */
  #spare: Nap | null = null;
  #listens = false;

  constructor(clock: Clock, fence: Fence) {
    this.#clock = clock;
    this.#fence = fence;
  }

  /** Whether anybody sleeps. */
  get isAsleep(): boolean {
    return countOf(this.#naps) > 0;
  }

  /** Resolves after `ms`, or rejects with the fence's reason as soon as it aborts. */
  sleep(ms: number): Promise<void> {
    if (this.#fence.aborted) return Promise.reject(this.#fence.reason);
    this.#listen();
    return new Promise((resolve) => {
      const nap = this.#spare ?? new Nap(this);
      this.#spare = null;
      nap.begin(resolve);
      this.#naps = withItem(this.#naps, nap);
      this.#clock.set(nap, ms);
    });
  }

  /** It sleeps no more. */
  wake(nap: Nap): void {
    this.#naps = withoutItem(this.#naps, nap);
    this.#spare = nap;
  }

  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    const endAll = () => {
      const naps = this.#naps;
      this.#naps = null;
      forEachOf(naps, (nap) => {
        this.#clock.unset(nap);
        nap.fail(this.#fence.reason);
      });
    };
    this.#fence.addEventListener('abort', endAll);
  }
}
