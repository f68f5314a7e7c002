import type { Clock } from '../time/clock.ts';
import type { TokenKey } from '../tokens/token-key.ts';

/** When tokens expire, for a store whose tokens belong to this process. */
export class TokenLifetimes {
  readonly #clock: Clock;
  readonly #until = new Map<TokenKey, number>();
  #nextSweep = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the token's time is over. One that was never kept has none. */
  isOver(key: TokenKey): boolean {
    return (this.#until.get(key) ?? Number.POSITIVE_INFINITY) <= this.#clock.now();
  }

  keep(keys: Iterable<TokenKey>, ttlMs: number): void {
    const until = this.#clock.now() + ttlMs;
    for (const key of keys) this.#until.set(key, until);
  }

  forget(key: TokenKey): void {
    this.#until.delete(key);
  }

  get entries(): Iterable<[TokenKey, number]> {
    return this.#until;
  }

  /** Whether it is time to look for tokens to delete: four times in the life of an idle one. */
  isSweepDue(ttlMs: number): boolean {
    const now = this.#clock.now();
    if (now < this.#nextSweep) return false;
    this.#nextSweep = now + ttlMs / 4;
    return true;
  }
}
