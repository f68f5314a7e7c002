/**
 * What was made of the latest objects. Among so few a search is cheaper than a Map, and
 * than a WeakMap, whose entries burden the garbage collector.
 */
export class Latest<From, Made> {
  readonly #limit: number;
  readonly #from: From[] = [];
  readonly #made: Made[] = [];
  /** Where the next one goes: over the oldest. */
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(from: From): Made | undefined {
    const at = this.#from.indexOf(from);
    return at === -1 ? undefined : this.#made[at];
  }

  /** Of one that is not there yet. */
  add(from: From, made: Made): void {
    this.#from[this.#next] = from;
    this.#made[this.#next] = made;
    this.#next = (this.#next + 1) % this.#limit;
  }
}
