import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../time/clock.ts';
import { settledWithin } from '../time/settled-within.ts';
import type { App } from './app.ts';
import { assembleHandler } from './create-handler.ts';
import type { HandlerOptions, OptionsArgument } from './graphql-pipeline.ts';
import { OpenResponses } from './open-responses.ts';

export type ServerOptions<Context> = HandlerOptions<Context> & ServerSettings;

interface ServerSettings {
  /** Answers every path that is not the endpoint, `/healthz` or `/readyz`. Default: 404. */
  readonly fallback?: RequestListener;
  /** How long to wait, in ms, when the server closes: for events and tasks, and then for answers that are due. Default: 2,000. */
  readonly graceMs?: number;
  /** Close on SIGTERM and SIGINT, then exit with 0. Default: true. */
  readonly handleSignals?: boolean;
}

/** A server around an app: GraphQL over HTTP, server-sent events and WebSocket, and its health. */
export interface Server {
  /** Resolves to the server's URL, without a path. Port 0 takes a free one. */
  listen(port?: number, host?: string): Promise<string>;
  /**
   * Answers `/readyz` with 503, takes nothing new, waits up to `graceMs` for
   * events and tasks and then for answers that are due, and closes every
   * connection. Idempotent.
   */
  close(): Promise<void>;
}

export function createServer<Context>(
  app: App<Context>,
  ...[given]: OptionsArgument<ServerOptions<Context>>
): Server {
  return assembleServer(app, (given ?? {}) as ServerOptions<Context>);
}

/** The same, with any clock for when to look at its connections. */
export function assembleServer<Context>(
  app: App<Context>,
  options: ServerOptions<Context>,
  clock: Clock = systemClock,
): Server {
  const { fallback = notFound, graceMs = 2_000, handleSignals = true } = options;
  const handler = assembleHandler<Context>(app, options, clock);
  let closing: Promise<void> | null = null;

  const responses = new OpenResponses();

  const http = createHttpServer((request, response) => {
    responses.add(response);
    const path = request.url?.split('?', 1)[0];
    if (path === handler.path) return handler.request(request, response);
    if (path === '/healthz') return void response.end('ok\n');
    if (path === '/readyz') {
      response.statusCode = app.ready ? 200 : 503;
      return void response.end(`${readiness(app)}\n`);
    }
    fallback(request, response);
  });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => app.logger.debug({ err: error }, 'socket error'));
    if (!app.closing && handler.upgrade(request, socket, head)) return;
    const status = !app.closing ? '404 Not Found' : '503 Service Unavailable';
    socket.end(`HTTP/1.1 ${status}\r\n\r\n`, () => socket.destroy());
  });

  const server: Server = {
    async listen(port = 4000, host) {
      try {
        await app.opened;
      } catch (error) {
        await server.close();
        throw error;
      }
      await new Promise<void>((resolve, reject) => {
        http.once('error', reject);
        http.listen(port, host, () => {
          http.off('error', reject);
          resolve();
        });
      });
      if (handleSignals) for (const signal of signals) process.on(signal, onSignal);
      const address = http.address() as AddressInfo;
      const name = host === undefined || isAnyAddress(host) ? 'localhost' : host;
      return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    await app.close({ graceMs });
    await handler.close({ graceMs });
    const closed = new Promise((resolve) => http.close(resolve));
    await settledWithin(responses.ended(), { clock: systemClock, ms: graceMs });
    http.closeAllConnections();
    await closed;
    for (const signal of signals) process.off(signal, onSignal);
  }

  function onSignal(signal: NodeJS.Signals): void {
    app.logger.info({ signal }, 'closing');
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        app.logger.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  }

  return server;
}

function readiness({ ready, closing }: Pick<App, 'ready' | 'closing'>): string {
  if (ready) return 'ready';
  return closing ? 'closing' : 'the store is away';
}

const signals = ['SIGTERM', 'SIGINT'] as const;

const notFound: RequestListener = (_request, response) => {
  response.statusCode = 404;
  response.end('Not found\n');
};

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
