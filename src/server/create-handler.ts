import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '../time/clock.ts';
import { settledWithin } from '../time/settled-within.ts';
import type { App } from './app.ts';
import { stepMs } from './closing-times.ts';
import { createPipeline, type HandlerOptions, type OptionsArgument } from './graphql-pipeline.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { StalledResponses } from './stalled-responses.ts';
import { WebSocketHandler } from './web-socket/web-socket-handler.ts';

/** The GraphQL endpoint, to be mounted in any server. */
export interface Handler {
  readonly path: string;
  /**
   * HTTP as the Fetch API has it (Hono, say). Subscriptions by server-sent events.
   * It sees no socket: to cut the streams of clients that take nothing is up to
   * the server that calls it.
   */
  fetch(request: Request): Promise<Response>;
  /** HTTP as Node has it (Express, Fastify, `node:http`). */
  request(request: IncomingMessage, response: ServerResponse): void;
  /**
   * WebSocket: pass on the `upgrade` events of your server. Returns false, and does
   * nothing, for another path. Answers with 503 when the app is closing.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /**
   * Waits up to `graceMs` (1,000) for answers that are due, and closes the WebSockets
   * so that clients reconnect: they have as long again to do so, but 1 s at most.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export function createHandler<Context>(
  app: App<Context>,
  ...[given]: OptionsArgument<HandlerOptions<Context>>
): Handler {
  return assembleHandler(app, (given ?? {}) as HandlerOptions<Context>);
}

/** The same, with any clock for when to look at its connections. */
export function assembleHandler<Context>(
  app: App<Context>,
  options: HandlerOptions<Context>,
  clock: Clock = systemClock,
): Handler {
  const { logger } = app;
  const path = options.path ?? '/graphql';
  const pipeline = createPipeline(app, options);
  const responses = new StalledResponses({ clock, logger });
  const webSockets = new WebSocketHandler(pipeline, { logger, clock });
  /** The last one that was a host. Most requests name the same. */
  let knownHost = 'localhost';
  return {
    path,
    fetch: async (request) => pipeline.yoga.fetch(request, {}),
    request(request, response) {
      const { host = 'localhost' } = request.headers;
      // yoga makes a URL of it, and would answer with a stack.
      if (host !== knownHost && !URL.canParse(`http://${host}`)) {
        response.statusCode = 400;
        return void response.end('Bad Host header\n');
      }
      knownHost = host;
      responses.watch(response);
      void pipeline.yoga(request, response);
    },
    upgrade(request, socket, head) {
      if (request.url?.split('?', 1)[0] !== path) return false;
      if (app.closing) refuseUpgrade(socket, '503 Service Unavailable');
      else webSockets.upgrade(request, socket, head);
      return true;
    },
    async close({ graceMs = stepMs } = {}) {
      await settledWithin(webSockets.answered(), { clock: systemClock, ms: graceMs });
      const closing = { clock: systemClock, ms: Math.min(graceMs, stepMs) };
      if (!(await settledWithin(webSockets.close(), closing))) webSockets.terminate();
    },
  };
}
