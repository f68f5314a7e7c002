import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import sirv from 'sirv';
import { createApp, type Logger, memoryStore } from 'statewire';
import { createServer, type Server } from 'statewire/server';
import type { ExampleContext } from './context.ts';
import { answerData, dataPath } from './low-level-api/data.ts';
import { schema } from './schema.ts';

export interface DemoOptions {
  readonly logger: Logger;
  /** The folder of the built pages. */
  readonly pages: string;
}

/** All examples behind one server, in development mode. */
export function createDemo({ logger, pages }: DemoOptions): Demo {
  let url = '';
  const app = createApp<ExampleContext>({
    schema,
    store: memoryStore(),
    development: true,
    logger,
    eventContext: () => context(),
  });
  const context = (): ExampleContext => ({ app, dataUrl: `${url}${dataPath}` });
  const servePages = sirv(pages, { dev: true });
  const server = createServer(app, {
    context,
    graphiql: (options) => renderGraphiQL(options),
    fallback: (request, response) => {
      if (request.url === dataPath) return answerData(request, response);
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
    },
  };
}

export interface Demo {
  readonly app: ExampleContext['app'];
  readonly server: Server;
}
