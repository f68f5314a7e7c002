import type { Alarm } from './alarm.ts';
import { Alarms } from './alarms.ts';

/** Time, as far as behaviour depends on it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once after `ms`, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
  /** Calls `callback` every `ms` until the returned function is called. Keeps no process alive. */
  every(ms: number, callback: () => void): () => void;
  /** Rings an alarm after `ms`. It was never set before, or has rung each time. */
  set(alarm: Alarm, ms: number): void;
  /** It does not ring any more. */
  unset(alarm: Alarm): void;
}

const alarms = new Alarms();

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms).unref();
    return () => clearInterval(timer);
  },
  set: (alarm, ms) => alarms.set(alarm, ms),
  unset: (alarm) => alarms.unset(alarm),
};
