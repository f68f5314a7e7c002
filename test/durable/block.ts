/** How long a process is blocked at most, in ms. */
const maxBlockMs = 30_000;

const never = new Int32Array(new SharedArrayBuffer(4));

/** Keeps this process from doing anything for so long: not even timers run, nor sockets. */
export function block(ms: number): void {
  Atomics.wait(never, 0, 0, ms);
}

/** The same until the condition holds. */
export function blockUntil(condition: () => boolean): void {
  const deadline = Date.now() + maxBlockMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('Expected something else to go on.');
    block(10);
  }
}
