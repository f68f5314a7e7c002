/** Resolves at the next turn of the event loop: sockets and timers come first. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
