import type { FrameSocket } from './frame-socket.ts';

const mark = Buffer.from('"due":');
const digits = 13;
const zero = '0'.charCodeAt(0);

/** How late the ticks of all tokens arrive, after what their texts say they were due at. */
export class TickWatch {
  /** Of each tick since the last `clear`, in ms. */
  late: number[] = [];
  /** What to add to `performance.now()` to have `Date.now()` in fractions of a ms. */
  readonly #clockOffset = clockOffset();

  watch(socket: FrameSocket): void {
    socket.onText = (payload) => {
      const at = payload.indexOf(mark);
      if (at < 0) return;
      let due = 0;
      for (let digit = at + mark.length; digit < at + mark.length + digits; digit += 1) {
        due = due * 10 + (payload[digit] ?? zero) - zero;
      }
      this.late.push(performance.now() + this.#clockOffset - due);
    };
  }

  clear(): void {
    this.late = [];
  }
}

/** Measured at the moment at which a ms begins. */
function clockOffset(): number {
  const before = Date.now();
  while (Date.now() === before);
  return before + 1 - performance.now();
}
