import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionResult } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '../../logging/logger.ts';
import type { MaybePromise } from '../../time/at-once.ts';
import type { Clock } from '../../time/clock.ts';
import type { Pipeline } from '../graphql-pipeline.ts';
import {
  type PreparedOperation,
  prepareOperation,
  withoutInternals,
} from '../prepare-operation.ts';
import { keepAlive } from './keep-alive.ts';
import { adaptSocket } from './socket-adapter.ts';

interface Connection {
  readonly request: Request;
}

/** Sent to clients when the server stops: they reconnect by themselves. */
const serviceRestart = 1012;

/** Sent to a client that takes nothing: it reconnects by itself. */
const tryAgainLater = 1013;

interface WebSocketSettings {
  readonly logger: Logger;
  /** When clients are pinged. */
  readonly clock: Clock;
}

/** graphql-ws over `ws`, through the same pipeline as HTTP. */
export class WebSocketHandler {
  readonly #server = new WebSocketServer({ noServer: true, handleProtocols });
  readonly #pipeline: Pipeline;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #protocol;
  /** Operations that are being made ready: their context may take a while. */
  readonly #preparing = new Set<Promise<unknown>>();
  /** Queries and mutations that are not answered yet. */
  readonly #executing = new Set<Promise<unknown>>();

  constructor(pipeline: Pipeline, { logger, clock }: WebSocketSettings) {
    this.#pipeline = pipeline;
    this.#logger = logger;
    this.#clock = clock;
    this.#protocol = makeServer<Record<string, unknown>, Connection>({
      onSubscribe: (context, _id, payload) => this.#prepare(context, payload),
      execute: (args) =>
        tracked(this.#executing, (args as PreparedOperation).execute(args)) as ExecutionResult,
      subscribe: (args) => (args as PreparedOperation).subscribe(args),
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors ? { ...result, errors: withoutInternals(result.errors) } : undefined,
      onError: (_context, _id, _payload, errors) => withoutInternals(errors),
    });
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const fetchRequest = toFetchRequest(request);
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      this.#open(socket, stream, fetchRequest);
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
    for (const socket of this.#server.clients) socket.close(serviceRestart, 'Server is restarting');
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Ends what a client has not closed in time. */
  terminate(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  #open(socket: WebSocket, stream: Duplex, request: Request): void {
    const adapter = adaptSocket(socket, stream, this.#logger);
    const closed = this.#protocol.opened(adapter, { request });
    let ended = false;
    const end = (code: number, reason: string) => {
      if (ended) return;
      ended = true;
      stop();
      Promise.resolve(closed(code, reason)).catch((error: unknown) => {
        this.#logger.error({ err: error }, 'closing a WebSocket failed');
      });
    };
    const onGone = () => {
      const waitingBytes = stream.writableLength;
      this.#logger.info({ waitingBytes }, 'a client takes nothing: its WebSocket is closed');
      const reason = 'Nothing was taken for too long';
      socket.close(tryAgainLater, reason);
      // The close frame waits behind all the rest, so that the socket may stay for long.
      end(tryAgainLater, reason);
    };
    const stop = keepAlive(socket, stream, { clock: this.#clock, onGone });
    // ws closes the socket itself after an error, a malformed frame for instance.
    socket.on('error', (error) => this.#logger.debug({ err: error }, 'WebSocket error'));
    socket.once('close', (code, reason) => end(code, String(reason)));
  }

  #prepare(
    { extra, connectionParams }: Context<Record<string, unknown>, Connection>,
    payload: SubscribePayload,
  ): ReturnType<typeof prepareOperation> {
    const preparing = prepareOperation(this.#pipeline, payload, {
      request: extra.request,
      connectionParams: connectionParams ?? {},
    });
    return tracked(this.#preparing, preparing);
  }
}

/** The work, which is in the set until it has settled. */
function tracked<T>(underWay: Set<Promise<unknown>>, work: MaybePromise<T>): MaybePromise<T> {
  if (!(work instanceof Promise)) return work;
  underWay.add(work);
  return work.finally(() => underWay.delete(work));
}

/** The request that opened the socket. Whatever a client wrote into `Host` must not stop the server. */
function toFetchRequest({ url = '/', headers }: IncomingMessage): Request {
  const base = `http://${headers.host}`;
  const fetchHeaders = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const item of [value ?? []].flat()) fetchHeaders.append(name, item);
  }
  return new Request(new URL(url, URL.canParse(url, base) ? base : 'http://localhost'), {
    headers: fetchHeaders,
  });
}
