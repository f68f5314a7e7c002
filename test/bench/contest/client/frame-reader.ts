const opcodes = { text: 1, close: 8, ping: 9 };

/** What a {@link FrameReader} tells of. */
export interface FrameHandler {
  ping(): void;
  close(): void;
}

/**
 * Counts the text frames of a server by their headers alone, wherever a chunk ends;
 * their payloads are not looked at, unless `onText` is set.
 */
export class FrameReader {
  /** Called with each text's payload, which is good during the call only. */
  onText: ((payload: Buffer) => void) | null = null;
  readonly #handler: FrameHandler;
  #opcode = 0;
  /** Bytes of the payload at hand that are still to come. */
  #left = 0;
  /** A header of which only the beginning has come. */
  #header: Buffer | null = null;
  /** The payload at hand, as far as it came in earlier chunks. */
  #pieces: Buffer[] = [];

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Reads so many bytes; returns how many text frames have ended in them. */
  read(given: Buffer, bytes: number): number {
    let chunk = given;
    let length = bytes;
    if (this.#header) {
      chunk = Buffer.concat([this.#header, given.subarray(0, bytes)]);
      length = chunk.length;
      this.#header = null;
    }
    let texts = 0;
    let at = 0;
    for (;;) {
      if (this.#left > 0) {
        const end = Math.min(at + this.#left, length);
        this.#left -= end - at;
        if (this.onText && this.#opcode === opcodes.text) this.#keep(chunk, at, end);
        at = end;
        if (this.#left > 0) return texts;
        texts += this.#endFrame();
      }
      if (at === length) return texts;
      const size = at + 1 < length ? headerSize(chunk[at + 1] ?? 0) : 2;
      if (at + size > length) {
        this.#header = Buffer.from(chunk.subarray(at, length));
        return texts;
      }
      this.#opcode = (chunk[at] ?? 0) & 0x0f;
      this.#left = payloadLength(chunk, at, size);
      at += size;
      if (this.#left === 0) texts += this.#endFrame();
    }
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const piece = chunk.subarray(from, to);
    if (this.#left > 0) this.#pieces.push(Buffer.from(piece));
    else if (this.#pieces.length === 0) this.onText?.(piece);
    else {
      const payload = Buffer.concat([...this.#pieces, piece]);
      this.#pieces = [];
      this.onText?.(payload);
    }
  }

  /** Returns how many texts it ends. */
  #endFrame(): number {
    if (this.#opcode === opcodes.text) return 1;
    if (this.#opcode === opcodes.ping) this.#handler.ping();
    if (this.#opcode === opcodes.close) this.#handler.close();
    return 0;
  }
}

function headerSize(second: number): number {
  if (second < 126) return 2;
  return second === 126 ? 4 : 10;
}

function payloadLength(chunk: Buffer, at: number, size: number): number {
  if (size === 2) return chunk[at + 1] ?? 0;
  return size === 4 ? chunk.readUInt16BE(at + 2) : Number(chunk.readBigUInt64BE(at + 2));
}
