/** From so many bytes on the length takes two bytes more, from so many eight. */
const mediumLength = 126;
const longLength = 65_536;

/** The last frame of a message, and a text: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
const finalText = 0x81;

/**
 * Messages as frames of WebSocket, in one buffer: what a server sends is not masked. `ws`
 * writes each frame by itself, in two pieces; for messages of 100 bytes that costs more than
 * to make them.
 */
export function encodeTextFrames(messages: readonly string[]): Buffer {
  const lengths: number[] = [];
  let total = 0;
  for (const message of messages) {
    const length = Buffer.byteLength(message);
    lengths.push(length);
    total += headerLength(length) + length;
  }
  const frames = Buffer.allocUnsafe(total);
  let at = 0;
  for (let index = 0; index < messages.length; index += 1) {
    const length = lengths[index] as number;
    at = writeHeader(frames, at, length);
    at += frames.write(messages[index] as string, at, length);
  }
  return frames;
}

function headerLength(length: number): number {
  if (length < mediumLength) return 2;
  return length < longLength ? 4 : 10;
}

/** Returns where the text begins. */
function writeHeader(frames: Buffer, at: number, length: number): number {
  frames[at] = finalText;
  if (length < mediumLength) {
    frames[at + 1] = length;
    return at + 2;
  }
  if (length < longLength) {
    frames[at + 1] = 126;
    return frames.writeUInt16BE(length, at + 2);
  }
  frames[at + 1] = 127;
  return frames.writeBigUInt64BE(BigInt(length), at + 2);
}
