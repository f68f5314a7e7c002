import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { App } from 'statewire';
import { createHandler } from 'statewire/server';

/** GraphQL inside a Hono application: HTTP by the Fetch API, WebSocket by the server's upgrade event. */
export function createHonoServer<Context>(app: App<Context>, context: () => Context) {
  const handler = createHandler(app, { context });
  const application = new Hono();
  application.get('/hello', (c) => c.text('hello from Hono'));
  application.all(handler.path, (c) => handler.fetch(c.req.raw));

  const http = createAdaptorServer({ fetch: application.fetch });
  http.on('upgrade', (request, socket, head) => {
    if (!handler.upgrade(request, socket, head)) socket.destroy();
  });
  return {
    http,
    async close() {
      await handler.close();
      await new Promise((resolve) => {
        http.close(resolve);
        if ('closeAllConnections' in http) http.closeAllConnections();
      });
    },
  };
}
