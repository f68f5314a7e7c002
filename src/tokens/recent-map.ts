/**
 * A map that forgets what was not used for longest: it keeps at least half as many
 * entries as its limit, those that were used last, and never more than the limit.
 */
export class RecentMap<Key, Value> {
  readonly #half: number;
  /** What was used since the last time that half of the limit was reached. */
  #recent = new Map<Key, Value>();
  /** What was used before. */
  #earlier = new Map<Key, Value>();

  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  get(key: Key): Value | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const earlier = this.#earlier.get(key);
    if (earlier !== undefined) this.set(key, earlier);
    return earlier;
  }

  set(key: Key, value: Value): void {
    if (this.#recent.size >= this.#half) {
      this.#earlier = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, value);
  }
}
