import type { Alarm } from '../time/alarm.ts';
import type { Clock } from '../time/clock.ts';

/** A clock that stands still until it is told to go on. It begins at 2026-01-01T00:00:00Z. */
export interface TestClock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Moves the time on by `ms`, timer by timer: what one sets off has run, up to
   * where it waits for time or for the world outside, before the next is due.
   *
   * @throws RangeError for a negative time.
   */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** The {@link TestClock} as the engine sees it. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  /** How to unset each that is set. */
  readonly #alarms = new Map<Alarm, () => void>();
  readonly #repeated = new Set<{
    readonly ms: number;
    at: number;
    readonly callback: () => void;
  }>();
  #now = Date.UTC(2026, 0, 1);

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  set(alarm: Alarm, ms: number): void {
    const unset = this.after(ms, () => {
      this.#alarms.delete(alarm);
      alarm.ring();
    });
    this.#alarms.set(alarm, unset);
  }

  unset(alarm: Alarm): void {
    this.#alarms.get(alarm)?.();
    this.#alarms.delete(alarm);
  }

  /** Once at most for each move of the time, however far. */
  every(ms: number, callback: () => void): () => void {
    const repeated = { ms, at: this.#now + ms, callback };
    this.#repeated.add(repeated);
    return () => this.#repeated.delete(repeated);
  }

  /** Runs the earliest timer that is due by then, and moves the time to it. Says whether there was one. */
  runNext(until: number): boolean {
    let next: Timer | null = null;
    // The first of those that are due at the same time: they keep their order.
    for (const timer of this.#timers)
      if (timer.at <= until && (!next || timer.at < next.at)) next = timer;
    if (!next) return false;
    this.#timers.delete(next);
    this.moveTo(next.at);
    next.callback();
    return true;
  }

  /** Never back: another `advance` may have gone further. */
  moveTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    for (const repeated of this.#repeated) {
      if (repeated.at > this.#now) continue;
      repeated.at = this.#now + repeated.ms;
      repeated.callback();
    }
  }
}
