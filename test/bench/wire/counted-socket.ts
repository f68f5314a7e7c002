import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';

/** A WebSocket that knows how many bytes have come in on its connection. */
export class CountedSocket {
  readonly socket: WebSocket;
  readonly #connection: Socket;

  private constructor(socket: WebSocket, connection: Socket) {
    this.socket = socket;
    this.#connection = connection;
  }

  static async open(
    url: string,
    options: { readonly perMessageDeflate: boolean },
  ): Promise<CountedSocket> {
    const { hostname, port } = new URL(url);
    const connection = connect(Number(port), hostname);
    const socket = new WebSocket(url, 'graphql-transport-ws', {
      ...options,
      createConnection: () => connection,
    });
    await once(socket, 'open');
    return new CountedSocket(socket, connection);
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The bytes of the next message, and of what it comes in. */
  async nextBytes(): Promise<number> {
    const before = this.#connection.bytesRead;
    await once(this.socket, 'message');
    return this.#connection.bytesRead - before;
  }

  close(): void {
    this.socket.terminate();
  }
}
