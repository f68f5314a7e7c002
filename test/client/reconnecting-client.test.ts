import { createApp, memoryStore } from 'statewire';
import { liveState, withDeltas } from 'statewire/client';
import { createServer } from 'statewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { freePort } from '../support/free-port.ts';
import { createBuilder } from '../support/lab.ts';
import { connectTo, startProxied } from '../support/reconnecting.ts';
import { collectUncaught } from '../support/uncaught.ts';
import { until } from '../support/until.ts';

interface CellData {
  readonly cell: {
    readonly cursor: string;
    readonly version: number;
    readonly since: number;
    readonly reset: boolean;
    readonly state: { readonly n: number };
  };
}

const watch = `subscription ($since: String) {
  cell(token: "T", since: $since) { cursor version since reset state { n } }
}`;

const increment = 'mutation { cellIncrement(token: "T") { version } }';

describe('a reconnecting client', () => {
  it('connects to a server that was not there at first', async () => {
    const builder = createBuilder();
    defineCell(builder);
    const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true });
    const server = createServer(app, { handleSignals: false, graceMs: 0 });
    onTestFinished(() => server.close());
    const port = await freePort();
    const client = connectTo(port);
    let tries = 0;
    client.on('closed', () => {
      tries += 1;
    });
    const live = liveState<CellData>(client, watch, {});
    onTestFinished(live.subscribe(() => {}));
    await until(() => tries === 2, 'it has tried twice');
    expect(live.getSnapshot()).toMatchObject({ status: 'connecting', error: null });
    await server.listen(port, '127.0.0.1');
    await until(() => live.getSnapshot().status === 'live', 'it is live');
  });

  it('notices within 15 s that its server has gone without a word, and goes on', {
    timeout: 60_000,
  }, async () => {
    const { lab, proxy } = await startProxied(memoryStore, defineCell);
    const client = connectTo(proxy.port);
    const live = liveState<CellData>(client, watch, {});
    onTestFinished(live.subscribe(() => {}));
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    proxy.stall('both');
    const start = performance.now();
    await until(() => live.getSnapshot().status === 'stale', 'it is stale', 20_000);
    expect(performance.now() - start).toBeGreaterThan(5_000);
    await lab.client.run(increment);
    proxy.resume();
    await until(() => live.getSnapshot().diff?.version === 1, 'it has gone on', 20_000);
    expect(live.getSnapshot().diff).toMatchObject({ since: 0, reset: false });
  });

  it('stays with a server that is silent, but there', { timeout: 60_000 }, async () => {
    const { proxy } = await startProxied(memoryStore, defineCell);
    const client = connectTo(proxy.port);
    let closed = 0;
    let pongs = 0;
    client.on('closed', () => {
      closed += 1;
    });
    client.on('pong', (isReceived) => {
      if (isReceived) pongs += 1;
    });
    const live = liveState<CellData>(client, watch, {});
    onTestFinished(live.subscribe(() => {}));
    await until(() => pongs === 2, 'it was asked twice', 30_000);
    expect(closed).toBe(0);
  });

  it('has a thousand subscriptions on one connection, each of which goes on when that is cut', {
    timeout: 60_000,
  }, async () => {
    const { lab, proxy } = await startProxied(memoryStore, defineCell);
    let connections = 0;
    const client = connectTo(proxy.port);
    client.on('connected', () => {
      connections += 1;
    });
    const deltas = withDeltas(client);
    const all = Array.from({ length: 1_000 }, () => liveState<CellData>(deltas, watch, {}));
    const unsubscribe = all.map((live) => live.subscribe(() => {}));
    const reached = (version: number) => () =>
      all.every((live) => live.getSnapshot().diff?.version === version);
    await until(reached(0), 'all have begun', 30_000);
    await lab.client.run(increment);
    await until(reached(1), 'all have the first change', 30_000);
    proxy.cut();
    await lab.client.run(increment);
    await until(reached(2), 'all have gone on', 30_000);
    expect(all.every((live) => live.getSnapshot().diff?.reset === false)).toBe(true);
    expect(all.every((live) => live.gaps === 0)).toBe(true);
    expect(connections).toBe(2);
    for (const end of unsubscribe) end();
    await until(() => lab.app.subscribers === 0, 'all have ended');
  });

  it('goes on when its reader throws, which is told where nobody catches', async () => {
    const { lab } = await startProxied(memoryStore, defineCell);
    const client = connectTo(Number(new URL(lab.url).port));
    const uncaught = collectUncaught();
    const fault = new Error('a bug of the page');
    let results = 0;
    let closed = 0;
    client.on('closed', () => {
      closed += 1;
    });
    const sink = {
      next() {
        results += 1;
        throw fault;
      },
      error() {},
      complete() {},
    };
    onTestFinished(client.subscribe({ query: watch }, sink));
    await until(() => results === 1, 'it has begun');
    await lab.client.run(increment);
    await until(() => results === 2, 'it goes on');
    await until(() => uncaught.length === 2, 'the page is told');
    expect([uncaught, closed]).toEqual([[fault, fault], 0]);
  });
});
