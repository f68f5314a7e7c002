const endOfLine = '\r\n';

/** What a {@link ResponseReader} tells of. */
export interface ResponseHandler {
  /** A part of the body, which is good during the call only. */
  body(part: Buffer): void;
  end(): void;
}

/**
 * Reads the answers of a connection that stays, one after the other: of a known length
 * or chunked, wherever what comes in is cut.
 *
 * @throws Error for an answer that is no success.
 */
export class ResponseReader {
  readonly #handler: ResponseHandler;
  /** What comes next. */
  #part: 'head' | 'body' | 'chunk size' | 'chunk' | 'end of chunk' | 'end of body' = 'head';
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  /** What has come of a head or a line that has not ended. */
  #rest: Buffer | null = null;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  read(given: Buffer): void {
    const chunk = this.#rest ? Buffer.concat([this.#rest, given]) : given;
    this.#rest = null;
    let at = 0;
    while (at < chunk.length) {
      const end = this.#readPart(chunk, at);
      if (end === null) {
        this.#rest = Buffer.from(chunk.subarray(at));
        return;
      }
      at = end;
    }
  }

  /** Returns where it ends, or null if more has to come before. */
  #readPart(chunk: Buffer, at: number): number | null {
    if (this.#part === 'body' || this.#part === 'chunk') return this.#readData(chunk, at);
    const mark = this.#part === 'head' ? endOfLine + endOfLine : endOfLine;
    const found = chunk.indexOf(mark, at);
    if (found < 0) return null;
    this.#readText(chunk.toString('latin1', at, found));
    return found + mark.length;
  }

  #readData(chunk: Buffer, at: number): number {
    const end = Math.min(at + this.#left, chunk.length);
    this.#handler.body(chunk.subarray(at, end));
    this.#left -= end - at;
    if (this.#left === 0 && this.#part === 'chunk') this.#part = 'end of chunk';
    else if (this.#left === 0) this.#endBody();
    return end;
  }

  #readText(text: string): void {
    switch (this.#part) {
      case 'head':
        if (!text.startsWith('HTTP/1.1 200')) throw new Error(`Expected a success, got ${text}.`);
        this.#left = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
        this.#part = this.#left > 0 ? 'body' : 'chunk size';
        return;
      case 'chunk size':
        this.#left = Number.parseInt(text, 16);
        this.#part = this.#left > 0 ? 'chunk' : 'end of body';
        return;
      case 'end of chunk':
        this.#part = 'chunk size';
        return;
      default:
        this.#endBody();
    }
  }

  #endBody(): void {
    this.#part = 'head';
    this.#handler.end();
  }
}
