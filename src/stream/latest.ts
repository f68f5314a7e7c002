/**
 * What was made last, for so many keys: subscribers of a token ask for the same one after
 * the other, some of them a few commits behind, and it is to be made once for all.
 */
export class Latest<Key, Made> {
  readonly #size: number;
  readonly #made = new Map<Key, Made>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: Key): Made | undefined {
    return this.#made.get(key);
  }

  set(key: Key, made: Made): void {
    if (this.#made.size === this.#size) {
      for (const oldest of this.#made.keys()) {
        this.#made.delete(oldest);
        break;
      }
    }
    this.#made.set(key, made);
  }
}
