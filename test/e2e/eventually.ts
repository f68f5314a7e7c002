import { expect } from 'vitest';

/** Expects something of a value that is read until it holds, for at most 15 seconds. */
export function eventually<Value>(read: () => Value | Promise<Value>) {
  return expect.poll(read, { interval: 10, timeout: 15_000 });
}
