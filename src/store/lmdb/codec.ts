import { crc32 } from 'node:zlib';
import { Packr } from 'msgpackr';
import { StoreCorruptedError } from '../../errors/index.ts';
import { settle } from '../../values/settle.ts';

/** Keeps Dates, Maps, Sets and bigints of any size. */
const packr = new Packr({ structuredClone: true });

const checksumBytes = 4;

/** A value as it is written: the CRC-32 of what follows, then msgpack. */
export function encode(value: unknown): Buffer {
  const body = packr.pack(value);
  const bytes = Buffer.allocUnsafe(checksumBytes + body.length);
  bytes.writeUInt32BE(crc32(body));
  body.copy(bytes, checksumBytes);
  return bytes;
}

/**
 * The value, settled.
 *
 * @throws {@link StoreCorruptedError} if these are not the bytes that were written.
 */
export function decode<T>(bytes: Buffer, what: string): T {
  const body = bytes.subarray(checksumBytes);
  if (bytes.length <= checksumBytes || bytes.readUInt32BE() !== crc32(body)) {
    throw new StoreCorruptedError(`${what} has a wrong checksum`);
  }
  try {
    return settle(packr.unpack(body), [what]) as T;
  } catch (cause) {
    throw new StoreCorruptedError(`${what} cannot be decoded`, { cause });
  }
}
