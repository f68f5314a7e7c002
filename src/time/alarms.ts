import TinyQueue from 'tinyqueue';
import type { Alarm } from './alarm.ts';
import { maxTimerMs } from './max-timer-ms.ts';

/** So many ring in one turn of the event loop: what the first bring about is not to wait for the last. */
const maxPerTurn = 8;

/** So many may stay in the queue that are not to ring any more. */
const maxUnset = 64;

/** Alarms that one timer of Node rings, which is set to the first of them. */
export class Alarms {
  #queue = new TinyQueue<Alarm>([], compare);
  #timer: NodeJS.Timeout | null = null;
  /** In place of the timer, if some are due that are left for the next turn. */
  #nextTurn: NodeJS.Immediate | null = null;
  #lastOrder = 0;
  /** How many in the queue are not to ring any more. */
  #unset = 0;

  /**
   * Rings an alarm after `ms`, and not more than 1 ms too early. It was never set before, or
   * has rung each time. Keeps the process alive.
   */
  set(alarm: Alarm, ms: number): void {
    // What is no time, or none that a timer has, counts as 1 ms, as with timers.
    alarm.dueAt = Math.ceil(performance.now() + (ms >= 1 ? ms : 1));
    this.#lastOrder += 1;
    alarm.order = this.#lastOrder;
    alarm.isOver = false;
    this.#queue.push(alarm);
    if (this.#queue.peek() === alarm) this.#setTimer();
  }

  /** It does not ring any more. */
  unset(alarm: Alarm): void {
    if (alarm.isOver) return;
    alarm.isOver = true;
    this.#unset += 1;
    if (this.#queue.peek() === alarm) {
      this.#setTimer();
    } else if (this.#unset > maxUnset && this.#unset > this.#queue.length / 2) {
      const left = this.#queue.data.filter(({ isOver }) => !isOver);
      this.#queue = new TinyQueue(left, compare);
      this.#unset = 0;
    }
  }

  /** The next one that is to ring. Those before it go, so that none of them keeps the process alive. */
  #first(): Alarm | undefined {
    for (;;) {
      const first = this.#queue.peek();
      if (!first?.isOver) return first;
      this.#queue.pop();
      this.#unset -= 1;
    }
  }

  #setTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#nextTurn) clearImmediate(this.#nextTurn);
    this.#timer = null;
    this.#nextTurn = null;
    const first = this.#first();
    if (!first) return;
    // The timer has whole ms, and may be early by a part of one.
    const left = Math.trunc(first.dueAt - performance.now());
    if (left < 1) this.#nextTurn = setImmediate(this.#ring);
    else this.#timer = setTimeout(this.#ring, Math.min(left, maxTimerMs));
  }

  readonly #ring = (): void => {
    const now = performance.now();
    try {
      for (let rung = 0; rung < maxPerTurn; rung += 1) {
        const first = this.#first();
        if (!first || first.dueAt - now >= 1) break;
        this.#queue.pop();
        ring(first);
      }
    } finally {
      this.#setTimer();
    }
  };
}

function ring(alarm: Alarm): void {
  alarm.isOver = true;
  alarm.ring();
}

function compare(a: Alarm, b: Alarm): number {
  return a.dueAt - b.dueAt || a.order - b.order;
}
