import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { Pipeline } from '../graphql-pipeline.ts';
import { ClientSocket, Connection, type ConnectionHost } from './connection.ts';
import { Exchange } from './exchange.ts';
import { KeepAlive } from './keep-alive.ts';
import { Operations } from './operations.ts';
import { SocketRequest } from './socket-request.ts';

/** Sent to clients when the server stops: they reconnect by themselves. */
const serviceRestart = 1012;

interface WebSocketSettings {
  readonly logger: Logger;
  /** When clients are pinged. */
  readonly clock: Clock;
}

/** graphql-ws over `ws`, through the same pipeline as HTTP. */
export class WebSocketHandler {
  readonly #server = new WebSocketServer({
    ...{ noServer: true, handleProtocols, WebSocket: ClientSocket },
    // It would make functions of its own for each.
    clientTracking: false,
  });
  readonly #operations: Operations;
  readonly #exchange = new Exchange();
  readonly #host: ConnectionHost;
  readonly #keepAlive: KeepAlive;
  readonly #connections = new Set<Connection>();
  /** When it is closed: resolves when none is left. */
  #emptied: Promise<void> | null = null;
  #onEmpty = () => {};

  constructor(pipeline: Pipeline, { logger, clock }: WebSocketSettings) {
    this.#operations = new Operations(pipeline);
    this.#keepAlive = new KeepAlive(clock);
    const protocol = makeServer<Record<string, unknown>, Connection>({
      // See Connection.
      connectionInitWaitTimeout: 0,
      onConnect: (context) => context.extra.begin(context),
    });
    const operations = this.#operations;
    this.#host = {
      ...{ logger, clock, protocol, operations, exchange: this.#exchange },
      onClose: (connection) => this.#forget(connection),
    };
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      const opened = { stream, info: new SocketRequest(request) };
      const connection = new Connection(socket, opened, this.#host);
      this.#connections.add(connection);
      this.#keepAlive.add(connection);
    });
  }

  /** See {@link Operations.answered}. */
  answered(): Promise<void> {
    this.#exchange.deliver();
    return this.#operations.answered();
  }

  /** Resolves when every client has closed its socket too. */
  async close(): Promise<void> {
    // It takes no others from here on.
    this.#server.close();
    for (const connection of this.#connections) {
      connection.close(serviceRestart, 'Server is restarting');
    }
    if (this.#connections.size === 0) return;
    this.#emptied ??= new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
    await this.#emptied;
  }

  /** Ends what a client has not closed in time. */
  terminate(): void {
    for (const connection of this.#connections) connection.terminate();
  }

  #forget(connection: Connection): void {
    this.#keepAlive.delete(connection);
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty();
  }
}
