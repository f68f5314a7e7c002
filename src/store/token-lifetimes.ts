import type { Clock } from '../time/clock.ts';
import type { TokenKey } from '../tokens/token-key.ts';

const nobodyKnows = () => undefined;

/** When tokens expire, for a store whose tokens belong to this process. */
export class TokenLifetimes {
  readonly #clock: Clock;
  readonly #until = new Map<TokenKey, number>();
  /** For ever, until somebody says how long. */
  #ttlMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The tokens that this process has kept, and not forgotten. */
  get keys(): Iterable<TokenKey> {
    return this.#until.keys();
  }

  keep(keys: Iterable<TokenKey>, ttlMs: number): void {
    this.#ttlMs = ttlMs;
    const until = this.#clock.now() + ttlMs;
    for (const key of keys) this.#until.set(key, until);
  }

  forget(key: TokenKey): void {
    this.#until.delete(key);
  }

  /** Whether the token's time is over. `storedUntil` is asked for one that this process has not kept. */
  isOver(key: TokenKey, storedUntil: () => number | undefined = nobodyKnows): boolean {
    if (this.#ttlMs === Number.POSITIVE_INFINITY) return false;
    const until = this.#until.get(key) ?? storedUntil() ?? Number.POSITIVE_INFINITY;
    return until <= this.#clock.now();
  }

  /**
   * Until when a token is kept, in ms since 1970, as it is to be stored: later than
   * it is by a quarter of its time, so that a process that dies before it writes
   * again lets nobody expire too early.
   */
  storedUntil(key: TokenKey): number {
    return (this.#until.get(key) ?? Number.POSITIVE_INFINITY) + this.#ttlMs / 4;
  }
}
