import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../time/clock.ts';
import { settledWithin } from '../time/settled-within.ts';
import type { App } from './app.ts';
import { type ClosingOptions, completeTimes, stepMs } from './closing-times.ts';
import { assembleHandler } from './create-handler.ts';
import { exitOnSignals } from './exit-on-signals.ts';
import type { HandlerOptions, OptionsArgument } from './graphql-pipeline.ts';
import { OpenResponses } from './open-responses.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

export type ServerOptions<Context> = HandlerOptions<Context> & ServerSettings;

interface ServerSettings extends ClosingOptions {
  /** Answers every path that is not the endpoint, `/healthz` or `/readyz`. Default: 404. */
  readonly fallback?: RequestListener;
}

/** A server around an app: GraphQL over HTTP, server-sent events and WebSocket, and its health. */
export interface Server {
  /** Resolves to the server's URL, without a path. Port 0 takes a free one. */
  listen(port?: number, host?: string): Promise<string>;
  /**
   * Answers `/readyz` with 503 and takes nothing new. Events and tasks have `graceMs`;
   * the tasks that are left are cancelled; answers that are due are written; every
   * connection is closed, WebSockets with 1012. That takes `graceMs` + 4 s at most:
   * 1 s each for `onExit`s, the store, answers and sockets. Then it waits for a store
   * that takes longer. Idempotent.
   */
  close(): Promise<void>;
}

/** @throws TypeError for times that make no sense. */
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
  const { fallback = notFound, handleSignals = true } = options;
  const { graceMs, exitAfterMs } = completeTimes(options);
  const handler = assembleHandler<Context>(app, options, clock);
  let closing: Promise<void> | null = null;
  let ignoreSignals = () => {};

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
  const logError = (error: unknown) => app.logger.debug({ err: error }, 'socket error');
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', logError);
    if (!handler.upgrade(request, socket, head)) refuseUpgrade(socket, '404 Not Found');
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
      if (handleSignals) {
        ignoreSignals = exitOnSignals({ close: server.close, exitAfterMs, logger: app.logger });
      }
      const address = http.address() as AddressInfo;
      const name = host === undefined || isAnyAddress(host) ? 'localhost' : host;
      return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
    },
    close() {
      closing ??= close().finally(() => ignoreSignals());
      return closing;
    },
  };

  async function close(): Promise<void> {
    const within = (work: Promise<unknown>, ms: number) =>
      settledWithin(work, { clock: systemClock, ms });
    const graceEnd = performance.now() + graceMs;
    responses.closeConnections();
    const appClosed = app.close({ graceMs });
    // Clients need not wait for a store that hangs.
    await within(appClosed, graceMs + 2 * stepMs);
    const httpClosed = new Promise((resolve) => http.close(resolve));
    const answersMs = Math.max(graceEnd - performance.now(), Math.min(graceMs, stepMs));
    await Promise.all([
      within(responses.ended(), answersMs),
      handler.close({ graceMs: answersMs }),
    ]);
    http.closeAllConnections();
    await httpClosed;
    await appClosed;
  }

  return server;
}

function readiness({ ready, closing }: Pick<App, 'ready' | 'closing'>): string {
  if (ready) return 'ready';
  return closing ? 'closing' : 'the store is away';
}

const notFound: RequestListener = (_request, response) => {
  response.statusCode = 404;
  response.end('Not found\n');
};

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
