/** Resolves at the next turn of the event loop: sockets and timers come first. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

let current = 0;
let isCounting = false;

/** The same number until the event loop turns, then another. */
export function turnNumber(): number {
  if (!isCounting) {
    isCounting = true;
    setImmediate(countTurn);
  }
  return current;
}

function countTurn(): void {
  current += 1;
  isCounting = false;
}
