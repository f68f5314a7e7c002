import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { InvalidTokenError } from '../errors/index.ts';
import { RecentMap } from './recent-map.ts';
import { hashToken, type TokenKey } from './token-key.ts';

/** Client-made tokens: 1 to 256 characters that need no escape in a URL, a header or a log. */
const clientMade = /^[\w.~-]{1,256}$/;

/** 128 random bits, an empty place for the principal, and the MAC over both. */
const issued = /^([\w-]{22}\.)\.([\w-]{43})$/;

/** Of so many tokens the key is at hand: to authenticate one takes as long as a short event. */
const maxKnown = 10_000;

export interface TokenIssuerOptions {
  /** What MACs are made with. Tokens are valid as long as it stays the same. */
  readonly secret: string | Buffer;
  /** Accept tokens that clients made up, as GraphiQL users like to do. */
  readonly acceptClientMade: boolean;
}

/**
 * Makes tokens that authenticate themselves, and turns tokens into keys.
 * Nothing is stored: after its state has expired, a token is still known to be
 * ours.
 */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions;
  /** The keys of tokens that were found good, as long as they are among those that were used last. */
  readonly #known = new RecentMap<string, TokenKey>(maxKnown);

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
  }

  /** A new token; nobody can guess it, and nobody else can make one. */
  issue(): string {
    const head = `${randomBytes(16).toString('base64url')}.`;
    return `${head}.${this.#mac(head)}`;
  }

  /** @throws {@link InvalidTokenError} the same for every reason. */
  keyOf(token: unknown): TokenKey {
    if (typeof token !== 'string' || token.length > 256) throw new InvalidTokenError();
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const key = this.#examine(token);
    this.#known.set(token, key);
    return key;
  }

  #examine(token: string): TokenKey {
    if (!this.#isOurs(token) && !this.#isAcceptable(token)) throw new InvalidTokenError();
    return hashToken(token);
  }

  #isOurs(token: string): boolean {
    const [, head, mac] = issued.exec(token) ?? [];
    if (head === undefined || mac === undefined) return false;
    return timingSafeEqual(Buffer.from(this.#mac(head)), Buffer.from(mac));
  }

  #isAcceptable(token: string): boolean {
    return this.#options.acceptClientMade && clientMade.test(token) && !token.includes('__proto__');
  }

  #mac(head: string): string {
    return createHmac('sha256', this.#options.secret).update(head).digest('base64url');
  }
}
