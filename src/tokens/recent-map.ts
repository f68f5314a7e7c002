/**
 * A map that forgets what was not used for longest: it keeps the entries that were used
 * last, so many at least, and never twice as many.
 */
export class RecentMap<Key, Value> {
  readonly #least: number;
  /** What was used since the last time that there were enough. */
  #recent = new Map<Key, Value>();
  /** What was used before: it goes as soon as there are enough again. */
  #earlier = new Map<Key, Value>();

  constructor(least: number) {
    this.#least = least;
  }

  get(key: Key): Value | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const earlier = this.#earlier.get(key);
    if (earlier !== undefined) this.set(key, earlier);
    return earlier;
  }

  set(key: Key, value: Value): void {
    this.#recent.set(key, value);
    if (this.#recent.size < this.#least) return;
    this.#earlier = this.#recent;
    this.#recent = new Map();
  }
}
