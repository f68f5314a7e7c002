import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Data } from './socket-client.ts';
import { takeBytes } from './take-bytes.ts';

/** A graphql-transport-ws connection message by message, for what no good client would do. */
export class RawSocket {
  readonly socket: WebSocket;
  readonly received: Data[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #onMessage = () => {};
  #stream!: Duplex;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.once('upgrade', ({ socket: stream }) => {
      this.#stream = stream;
    });
    socket.on('message', (data) => {
      this.received.push(JSON.parse(String(data)));
      this.#onMessage();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    socket.on('error', () => {});
  }

  static async open(url: string): Promise<RawSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const raw = new RawSocket(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return raw;
  }

  /** Opens and initialises. */
  static async ready(url: string): Promise<RawSocket> {
    const raw = await RawSocket.open(url);
    raw.send({ type: 'connection_init' });
    await raw.until(({ type }) => type === 'connection_ack');
    return raw;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables: Record<string, unknown> = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  /** Leaves without a word, when all that was sent is on its way. */
  end(): void {
    this.#stream.end();
  }

  /** Takes so many bytes from the network, or a few more, and then nothing: it is paused before and after. */
  async take(bytes: number): Promise<void> {
    this.socket.resume();
    await takeBytes(this.#stream, bytes);
    this.socket.pause();
  }

  /** The first received message for which the condition holds, now or later. */
  async until(condition: (message: Data) => boolean): Promise<Data> {
    for (let index = 0; ; index += 1) {
      while (index >= this.received.length) {
        await new Promise<void>((resolve) => {
          this.#onMessage = resolve;
        });
      }
      if (condition(this.received[index])) return this.received[index];
    }
  }

  /** The answer to an operation: its first `next` or its `error`. */
  async answer(id: string): Promise<Data> {
    return this.until((message) => message.id === id && message.type !== 'complete');
  }
}
