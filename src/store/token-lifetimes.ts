import type { Clock } from '../time/clock.ts';
import type { TokenKey } from '../tokens/token-key.ts';

/** When tokens expire, for a store whose tokens belong to this process. */
export class TokenLifetimes {
  readonly #clock: Clock;
  readonly #until = new Map<TokenKey, number>();
  #ttlMs = Number.POSITIVE_INFINITY;
  #nextSweep = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The tokens that this process has kept. */
  get kept(): Iterable<TokenKey> {
    return this.#until.keys();
  }

  /**
   * Until when a token is kept, in ms since 1970, as it is to be stored: later than
   * it is by a quarter of its time, so that a process that dies before it writes
   * again lets nobody expire too early.
   */
  storedUntil(key: TokenKey): number {
    return (this.#until.get(key) ?? Number.POSITIVE_INFINITY) + this.#ttlMs / 4;
  }

  /** Whether the token's time is over. `storedUntil` is for one that this process has not kept. */
  isOver(key: TokenKey, storedUntil = Number.POSITIVE_INFINITY): boolean {
    return (this.#until.get(key) ?? storedUntil) <= this.#clock.now();
  }

  keep(keys: Iterable<TokenKey>, ttlMs: number): void {
    this.#ttlMs = ttlMs;
    const until = this.#clock.now() + ttlMs;
    for (const key of keys) this.#until.set(key, until);
  }

  forget(key: TokenKey): void {
    this.#until.delete(key);
  }

  /** Whether it is time to look for tokens to delete: four times in the life of an idle one. */
  isSweepDue(ttlMs: number): boolean {
    const now = this.#clock.now();
    if (now < this.#nextSweep) return false;
    this.#nextSweep = now + ttlMs / 4;
    return true;
  }
}
