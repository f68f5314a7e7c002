import { randomBytes } from 'node:crypto';
import { Connection } from './connection.ts';
import { encodeFrame, pong } from './encode-frame.ts';
import { FrameReader } from './frame-reader.ts';

const endOfHead = '\r\n\r\n';

/** A WebSocket of graphql-ws that counts what comes in. */
export class FrameSocket {
  /** Called with how many texts have come, as soon as some have. */
  onTexts: (count: number) => void = () => {};
  readonly #connection: Connection;
  readonly #reader: FrameReader;
  /** The answer to the upgrade, as far as it has come. */
  #head: Buffer | null = Buffer.alloc(0);
  #opened: () => void = () => {};

  private constructor(port: number) {
    this.#reader = new FrameReader({
      ping: () => this.#connection.write(pong),
      close: () => this.#connection.fail(new Error('The server closed a WebSocket.')),
    });
    this.#connection = new Connection(port, (chunk, bytes) => this.#read(chunk, bytes));
  }

  /** Connects, and waits until the server has acknowledged the connection. */
  static async open(port: number): Promise<FrameSocket> {
    const frames = new FrameSocket(port);
    const upgraded = new Promise<void>((resolve) => {
      frames.#opened = resolve;
    });
    frames.#connection.write(upgradeRequest(port));
    await upgraded;
    const acknowledged = new Promise<void>((resolve) => {
      frames.onTexts = () => resolve();
    });
    frames.send(encodeFrame('{"type":"connection_init"}'));
    await acknowledged;
    frames.onTexts = () => {};
    return frames;
  }

  get bytes(): number {
    return this.#connection.bytes;
  }

  /** Gets each text, until it is null again; the payload is good during the call only. */
  set onText(handle: ((payload: Buffer) => void) | null) {
    this.#reader.onText = handle;
  }

  send(frame: Buffer): void {
    this.#connection.write(frame);
  }

  close(): void {
    this.#connection.close();
  }

  #read(chunk: Buffer, bytes: number): void {
    if (this.#head) {
      this.#readHead(Buffer.concat([this.#head, chunk.subarray(0, bytes)]));
      return;
    }
    const texts = this.#reader.read(chunk, bytes);
    if (texts > 0) this.onTexts(texts);
  }

  #readHead(head: Buffer): void {
    const end = head.indexOf(endOfHead);
    this.#head = end < 0 ? head : null;
    if (end < 0) return;
    const text = head.toString('latin1', 0, end);
    if (!text.startsWith('HTTP/1.1 101')) throw new Error(`Expected a WebSocket, got ${text}.`);
    this.#opened();
    const rest = head.subarray(end + endOfHead.length);
    if (rest.length > 0) this.#read(rest, rest.length);
  }
}

function upgradeRequest(port: number): string {
  return [
    'GET /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n');
}
