import type { Clock } from '../../time/clock.ts';
import { livenessIntervalMs } from '../delivery-watch.ts';

/** How often it is seen who is due, in ms: the pings of many connections do not leave all at once. */
const tickMs = 1_000;

/** A connection that is to be looked at. */
interface Watched {
  look(): void;
}

/** Has a look at each of its connections once in every interval: one timer for all of them. */
export class KeepAlive {
  readonly #clock: Clock;
  /** When each is looked at next; who is first here is so first. */
  readonly #due = new Map<Watched, number>();
  #stop: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(watched: Watched): void {
    this.#schedule(watched);
    this.#stop ??= this.#clock.every(tickMs, () => this.#tick());
  }

  delete(watched: Watched): void {
    this.#due.delete(watched);
    if (this.#due.size > 0) return;
    this.#stop?.();
    this.#stop = null;
  }

  #schedule(watched: Watched): void {
    // The tick after this may be as much later.
    this.#due.set(watched, this.#clock.now() + livenessIntervalMs - tickMs);
  }

  #tick(): void {
    const now = this.#clock.now();
    for (const [watched, due] of this.#due) {
      if (due > now) return;
      this.#due.delete(watched);
      this.#schedule(watched);
      watched.look();
    }
  }
}
