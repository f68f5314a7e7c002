/**
 * Whoever takes a turn has it alone, first come, first served. Own code, since every
 * commit passes here: a turn that is free is had without a promise.
 */
export class Turns {
  #isTaken = false;
  /** Made for the first that waits: every token has turns, and nobody waits for most. */
  #waiting: (() => void)[] | null = null;

  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Null if it is had at once. Whoever has it ends it with {@link leave}. */
  take(): Promise<void> | null {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return null;
    }
    this.#waiting ??= [];
    const waiting = this.#waiting;
    return new Promise((resolve) => waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting?.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}
