import { crc32 } from 'node:zlib';
import { Packr } from 'msgpackr';
import { StoreCorruptedError } from '../../errors/index.ts';
import { settle } from '../../values/settle.ts';
import type { Key } from './keys.ts';

/** Keeps Dates, Maps, Sets and bigints of any size. */
const packr = new Packr({ structuredClone: true });

/**
 * What is before the value: a CRC-32 of its key, and one of the key and the value.
 * A value that is damaged is its token's affair; a key that is damaged may have been
 * of any token, and is looked for before a store is opened.
 */
const headBytes = 8;

export function encode(value: unknown, key: Key): Buffer {
  const body = packr.pack(value);
  const bytes = Buffer.allocUnsafe(headBytes + body.length);
  const ofKey = crc32(key);
  bytes.writeUInt32BE(ofKey);
  bytes.writeUInt32BE(crc32(body, ofKey), 4);
  body.copy(bytes, headBytes);
  return bytes;
}

/** Whether a record was written at this key, by its first bytes. */
export function isAt(key: Key, bytes: Buffer): boolean {
  return bytes.length > headBytes && bytes.readUInt32BE() === crc32(key);
}

/**
 * The value, settled.
 *
 * @throws {@link StoreCorruptedError} if these are not the bytes that were written there.
 */
export function decode<T>(bytes: Buffer, key: Key, what: string): T {
  const body = bytes.subarray(headBytes);
  if (!isAt(key, bytes) || bytes.readUInt32BE(4) !== crc32(body, crc32(key))) {
    throw new StoreCorruptedError(`${what} has a wrong checksum`);
  }
  try {
    return settle(packr.unpack(body), [what]) as T;
  } catch (cause) {
    throw new StoreCorruptedError(`${what} cannot be decoded`, { cause });
  }
}
