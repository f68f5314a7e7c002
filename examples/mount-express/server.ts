import { createServer, type Server } from 'node:http';
import express from 'express';
import type { App } from 'statewire';
import { createHandler } from 'statewire/server';

/** GraphQL inside an Express application: HTTP as a route, WebSocket by the server's upgrade event. */
export function createExpressServer<Context>(
  app: App<Context>,
  context: () => Context,
): { readonly http: Server; close(): Promise<void> } {
  const handler = createHandler(app, { context });
  const application = express();
  application.get('/hello', (_request, response) => {
    response.send('hello from Express');
  });
  application.all(handler.path, (request, response) => handler.request(request, response));

  const http = createServer(application);
  http.on('upgrade', (request, socket, head) => {
    if (!handler.upgrade(request, socket, head)) socket.destroy();
  });
  return {
    http,
    async close() {
      await handler.close();
      await new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
  };
}
