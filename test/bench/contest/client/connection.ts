import { connect, type Socket } from 'node:net';

/** All connections read into it: what is in it is used up before the next one reads. */
const shared = Buffer.allocUnsafe(256 * 1024);

/**
 * A connection to a server, which does as little as possible for what it carries, so
 * that the server is what is measured. It throws if it ends before it is closed.
 */
export class Connection {
  /** That have come in. */
  bytes = 0;
  readonly #socket: Socket;
  #closing = false;

  /** `read` gets each chunk as the first so many bytes of a buffer, which are good during the call only. */
  constructor(port: number, read: (chunk: Buffer, bytes: number) => void) {
    this.#socket = connect({
      ...{ port, host: '127.0.0.1', noDelay: true },
      onread: {
        buffer: shared,
        callback: (bytes, buffer) => {
          this.bytes += bytes;
          read(buffer as Buffer, bytes);
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.fail(error));
    this.#socket.on('end', () => this.fail(new Error('The server ended a connection.')));
  }

  write(data: Buffer | string): void {
    this.#socket.write(data);
  }

  close(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  /** Nothing that is measured may lose a connection. */
  fail(error: Error): void {
    if (this.#closing) return;
    this.close();
    throw error;
  }
}
