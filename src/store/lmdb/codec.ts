import { crc32 } from 'node:zlib';
import { Packr } from 'msgpackr';
import { StoreCorruptedError } from '../../errors/index.ts';
import { settle } from '../../values/settle.ts';

/** Keeps Dates, Maps, Sets and bigints of any size. */
const packr = new Packr({ structuredClone: true });

const checksumBytes = 4;

/** Where a record is: a name, with numbers or another name after it. */
export type Key = string | (string | number)[];

/** A value as it is written at a key: the CRC-32 of the key and of what follows, then msgpack. */
export function encode(value: unknown, at: Key): Buffer {
  const body = packr.pack(value);
  const bytes = Buffer.allocUnsafe(checksumBytes + body.length);
  bytes.writeUInt32BE(checksum(body, at));
  body.copy(bytes, checksumBytes);
  return bytes;
}

/**
 * The value, settled.
 *
 * @throws {@link StoreCorruptedError} if these are not the bytes that were written there.
 */
export function decode<T>(bytes: Buffer, at: Key, what: string): T {
  const body = bytes.subarray(checksumBytes);
  if (bytes.length <= checksumBytes || bytes.readUInt32BE() !== checksum(body, at)) {
    throw new StoreCorruptedError(`${what} has a wrong checksum`);
  }
  try {
    return settle(packr.unpack(body), [what]) as T;
  } catch (cause) {
    throw new StoreCorruptedError(`${what} cannot be decoded`, { cause });
  }
}

function checksum(body: Buffer, at: Key): number {
  return crc32(body, crc32(JSON.stringify(at)));
}
