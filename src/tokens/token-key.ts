import { createHash } from 'node:crypto';

declare const tokenKeyBrand: unique symbol;

/**
 * What stands for a token behind the resolvers: its SHA-256, 43 characters of
 * base64url. It finds the token's state and opens nothing: a client that sends
 * a key as its token gets the state of another key.
 */
export type TokenKey = string & { readonly [tokenKeyBrand]: never };

export function hashToken(token: string): TokenKey {
  return createHash('sha256').update(token).digest('base64url') as TokenKey;
}

/** @throws TypeError if the value is no key, a raw token for instance. */
export function assertTokenKey(value: unknown): asserts value is TokenKey {
  if (typeof value !== 'string' || !/^[\w-]{43}$/.test(value)) {
    throw new TypeError(
      'Expected a token key (s.token, self.token or app.keyOf(token)), got another value.',
    );
  }
}

/** The id of one state of a token, 22 characters: the same on every node, and of no use but as a cache key. */
export function stateId(key: TokenKey, stateName: string): string {
  return createHash('sha256').update(`${key}.${stateName}`).digest('base64url').slice(0, 22);
}
