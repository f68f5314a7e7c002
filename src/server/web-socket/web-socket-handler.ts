import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionResult } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { Logger } from '../../logging/logger.ts';
import type { MaybePromise } from '../../time/at-once.ts';
import type { Clock } from '../../time/clock.ts';
import type { Pipeline } from '../graphql-pipeline.ts';
import { forClients, withoutInternals } from '../operation/for-clients.ts';
import { type PreparedOperation, prepareOperation } from '../prepare-operation.ts';
import { ClientSocket, Connection, type ConnectionHost } from './connection.ts';
import { Delivery } from './delivery.ts';
import { KeepAlive } from './keep-alive.ts';
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
  readonly #pipeline: Pipeline;
  readonly #host: ConnectionHost;
  readonly #keepAlive: KeepAlive;
  readonly #connections = new Set<Connection>();
  /** When it is closed: resolves when none is left. */
  #emptied: Promise<void> | null = null;
  #onEmpty = () => {};
  /** Operations that are being made ready: their context may take a while. */
  readonly #preparing = new Set<Promise<unknown>>();
  /** Queries and mutations that are not answered yet. */
  readonly #executing = new Set<Promise<unknown>>();

  constructor(pipeline: Pipeline, { logger, clock }: WebSocketSettings) {
    this.#pipeline = pipeline;
    this.#keepAlive = new KeepAlive(clock);
    const protocol = makeServer<Record<string, unknown>, Connection>({
      // See Connection.
      connectionInitWaitTimeout: 0,
      onConnect: ({ extra, connectionParams }) => extra.begin(connectionParams),
      onSubscribe: (context, _id, payload) => this.#prepare(context, payload),
      execute: (args) =>
        tracked(this.#executing, (args as PreparedOperation).execute(args)) as ExecutionResult,
      subscribe: (args) => (args as PreparedOperation).subscribe(args),
      // Kept as long as it runs: the text is the document's, one for all who have sent it.
      onOperation: (context, id, payload, { document }, results) => {
        if (document.loc) (payload as { query: string }).query = document.loc.source.body;
        if (!(Symbol.asyncIterator in results) || !(id in context.subscriptions)) return undefined;
        // graphql-ws ends what is not among its subscriptions, without a word to the client.
        delete context.subscriptions[id];
        context.extra.takeOver(id, new Delivery(context, id, results as never));
        return nothing;
      },
      // The result itself if it has no errors: graphql-ws would make a copy of it to send.
      onNext: (_context, _id, _payload, _args, result) => forClients(result),
      onError: (_context, _id, _payload, errors) => withoutInternals(errors),
    });
    this.#host = { logger, clock, protocol, onClose: (connection) => this.#forget(connection) };
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      const opened = { stream, info: new SocketRequest(request) };
      const connection = new Connection(socket, opened, this.#host);
      this.#connections.add(connection);
      this.#keepAlive.add(connection);
    });
  }

  /** Resolves when every query and mutation at hand is answered; those that come meanwhile are not waited for. */
  async answered(): Promise<void> {
    const executing = [...this.#executing];
    await Promise.allSettled(this.#preparing);
    await new Promise(setImmediate);
    await Promise.allSettled([...executing, ...this.#executing]);
    await new Promise(setImmediate);
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

  #prepare(
    { extra }: Context<Record<string, unknown>, Connection>,
    payload: SubscribePayload,
  ): ReturnType<typeof prepareOperation> {
    return tracked(this.#preparing, prepareOperation(this.#pipeline, payload, extra.info));
  }
}

/** What graphql-ws gets in place of results that are delivered here. */
const nothing: AsyncIterableIterator<never> = {
  next: async () => ({ done: true, value: undefined }),
  [Symbol.asyncIterator]: () => nothing,
};

/** The work, which is in the set until it has settled. */
function tracked<T>(underWay: Set<Promise<unknown>>, work: MaybePromise<T>): MaybePromise<T> {
  if (!(work instanceof Promise)) return work;
  underWay.add(work);
  return work.finally(() => underWay.delete(work));
}
