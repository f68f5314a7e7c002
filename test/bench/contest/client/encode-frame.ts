import { randomBytes } from 'node:crypto';

/** A text frame as a client sends it: masked, by a key that is as random as a browser's. */
export function encodeFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0);
  return Buffer.concat([headerOf(payload.length), mask, payload]);
}

function headerOf(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, 0x80 | length]);
  if (length > 0xffff) throw new RangeError(`Expected at most 65,535 bytes, got ${length}.`);
  return Buffer.from([0x81, 0x80 | 126, length >> 8, length & 0xff]);
}

/** An answer to a ping, with no payload. */
export const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
