import type { TokenKey } from '../../tokens/token-key.ts';

/** What part of a token's time Redis keeps it longer than it has to. */
const slackPart = 1 / 16;

interface Kept {
  readonly ttlMs: number;
  /** Until when Redis keeps it, on this process's own clock. */
  readonly until: number;
}

/**
 * How long tokens are kept: Redis deletes them by itself. So that not every use has
 * to tell it, it is told of a little more time, and only when that is used up.
 */
export class TokenTimes {
  readonly #kept = new Map<TokenKey, Kept>();
  #ttlMs = Number.POSITIVE_INFINITY;

  /** As scripts take it, in ms; nothing for ever. */
  get ttl(): number | '' {
    if (this.#ttlMs === Number.POSITIVE_INFINITY) return '';
    return Math.ceil(this.#ttlMs * (1 + slackPart));
  }

  /** From now on every token has so much time. */
  set(ttlMs: number): void {
    this.#ttlMs = ttlMs;
  }

  /** A token is used: whether Redis has to be told. */
  use(key: TokenKey): boolean {
    const now = performance.now();
    const known = this.#kept.get(key);
    if (known?.ttlMs === this.#ttlMs && known.until >= now + this.#ttlMs) return false;
    const { ttl } = this;
    const until = ttl === '' ? Number.POSITIVE_INFINITY : now + ttl;
    this.#kept.set(key, { ttlMs: this.#ttlMs, until });
    return true;
  }

  /** Whether the token is there for all this process knows: nobody has let it expire. */
  isKept(key: TokenKey): boolean {
    return (this.#kept.get(key)?.until ?? Number.POSITIVE_INFINITY) > performance.now();
  }

  /** Redis could not be told. */
  forget(key: TokenKey): void {
    this.#kept.delete(key);
  }

  /** Forgets those that are gone by now. */
  sweep(): void {
    const now = performance.now();
    for (const [key, { until }] of this.#kept) if (until < now) this.#kept.delete(key);
  }
}
