import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type App, createApp, memoryStore } from 'statewire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createExpressServer } from '../../examples/mount-express/server.ts';
import { createHonoServer } from '../../examples/mount-hono/server.ts';
import { createBuilder, type LabContext } from '../support/lab.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { SocketClient } from '../support/socket-client.ts';
import { SseSubscription } from '../support/sse-client.ts';

interface Mounted {
  readonly http: ReturnType<typeof createExpressServer>['http'];
  close(): Promise<void>;
}

const mounts: Record<string, (app: App<LabContext>) => Mounted> = {
  Express: (app) => createExpressServer(app, () => ({ user: 'mounted' })),
  Hono: (app) => createHonoServer(app, () => ({ user: 'mounted' })) as Mounted,
};

describe('the handler mounted in another server', () => {
  it.each(Object.keys(mounts))('%s serves HTTP, event streams and WebSocket', async (name) => {
    const builder = createBuilder();
    const Visit = builder.state('Visit', { vars: (t) => ({ by: t.stringList({ default: [] }) }) });
    Visit.event('come').resolve((s, _args, { user }) => {
      s.by.push(user ?? 'unknown');
    });
    const app = createApp<LabContext>({
      schema: builder.toSchema(),
      store: memoryStore(),
      development: true,
    });
    const mounted = mounts[name]?.(app) as Mounted;
    mounted.http.listen(0, '127.0.0.1');
    await once(mounted.http, 'listening');
    const url = `http://127.0.0.1:${(mounted.http.address() as AddressInfo).port}`;
    const client = new SocketClient(url);
    onTestFinished(async () => {
      await mounted.close();
      await app.close();
    });

    expect(await (await fetch(`${url}/hello`)).text()).toBe(`hello from ${name}`);
    const watch = 'subscription { visit(token: "T") { state { by } } }';
    const subscription = client.subscribe(watch);
    const stream = new SseSubscription(url, watch);
    await subscription.next();
    await stream.next();

    const come = '{"query":"mutation { visitCome(token: \\"T\\") { version } }"}';
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: come });
    expect(await response.json()).toEqual({ data: { visitCome: { version: 1 } } });
    expect((await subscription.next()).state.by).toEqual(['mounted']);
    expect((await stream.next()).state.by).toEqual(['mounted']);
    stream.abort();
    await client.close();
    await app.close();
    await expect(RawSocket.open(url)).rejects.toThrow(/503/);
  });
});
