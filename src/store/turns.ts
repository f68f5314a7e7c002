/**
 * Whoever takes a turn has it alone, first come, first served. Own code, since every
 * commit passes here: a turn that is free is had without a promise.
 */
export class Turns {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Null if it is had at once. Whoever has it ends it with {@link leave}. */
  take(): Promise<void> | null {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    return null;
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}
