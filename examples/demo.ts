import sirv from 'sirv';
import { createApp, type Logger, type StateStore } from 'statewire';
import { createServer, type Server } from 'statewire/server';
import type { ExampleContext } from './context.ts';
import { createGraphiQLPage } from './graphiql-page.ts';
import { answerData, dataPath } from './low-level-api/data.ts';
import { createMetrics, metricsPath } from './metrics.ts';
import { schema } from './schema.ts';

export interface DemoOptions {
  readonly logger: Logger;
  /** Where states are kept. */
  readonly store: StateStore;
  /** The folder of the built pages. */
  readonly pages: string;
}

/** All examples behind one server, in development mode. */
export function createDemo({ logger, store, pages }: DemoOptions): Demo {
  let url = '';
  const app = createApp<ExampleContext>({
    schema,
    store,
    development: true,
    logger,
    eventContext: () => contextOf({ staff: true }),
  });
  const contextOf = ({ staff }: { staff: boolean }): ExampleContext => ({
    app,
    dataUrl: `${url}${dataPath}`,
    staff,
  });
  const servePages = sirv(pages, { dev: true });
  const metrics = createMetrics();
  const server = createServer(app, {
    // An application of your own looks into a session; here, clients just say it.
    context: ({ request, connectionParams }) =>
      contextOf({ staff: (connectionParams?.['role'] ?? request.headers.get('role')) === 'staff' }),
    graphiql: createGraphiQLPage(),
    fallback: (request, response) => {
      if (request.url === dataPath) return answerData(request, response);
      if (request.url === metricsPath) return metrics.answer(request, response);
      servePages(request, response);
    },
  });
  return {
    app,
    server: {
      ...server,
      async listen(port, host) {
        url = await server.listen(port, host);
        return url;
      },
      async close() {
        await server.close();
        metrics.stop();
      },
    },
  };
}

export interface Demo {
  readonly app: ExampleContext['app'];
  readonly server: Server;
}
