import type { TokenKey } from '../../tokens/token-key.ts';

/**
 * Where a record is, as bytes: the 43 characters of its token, then numbers of
 * eight bytes, so that keys sort as the numbers count, or an id.
 */
export type Key = Buffer;

const tokenBytes = 43;

export function tokenRecord(token: TokenKey): Key {
  return Buffer.from(token, 'latin1');
}

export function numbered(token: TokenKey, ...numbers: readonly number[]): Key {
  const key = Buffer.allocUnsafe(tokenBytes + 8 * numbers.length);
  key.write(token, 'latin1');
  for (const [index, number] of numbers.entries()) {
    key.writeBigUInt64BE(BigInt(number), tokenBytes + 8 * index);
  }
  return key;
}

export function named(token: TokenKey, id: string): Key {
  return Buffer.from(token + id, 'latin1');
}

export function tokenOf(key: Key): TokenKey {
  return key.toString('latin1', 0, tokenBytes) as TokenKey;
}

/** One of the numbers in a key: the first, or the one at an index. */
export function numberIn(key: Key, index = 0): number {
  return Number(key.readBigUInt64BE(tokenBytes + 8 * index));
}

/** Every key that begins with the token, and is longer. */
export function recordsOf(token: TokenKey): { readonly start: Key; readonly end: Key } {
  return { start: named(token, '\u0000'), end: named(token, '\u00ff') };
}
