import { createClient as createSseClient } from 'graphql-sse';
import { createApp, memoryStore } from 'statewire';
import {
  liveState,
  type SubscriptionClient,
  SubscriptionRefusedError,
  withDeltas,
} from 'statewire/client';
import { lmdbStore } from 'statewire/lmdb';
import { createServer } from 'statewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBuilder, type Lab, startLab } from '../support/lab.ts';
import { connectTo, startProxied } from '../support/reconnecting.ts';
import { defineRows, watchRows } from '../support/rows.ts';
import { SocketClient } from '../support/socket-client.ts';
import { tappedWebSocket } from '../support/tapped-web-socket.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { collectUncaught } from '../support/uncaught.ts';
import { until } from '../support/until.ts';

interface ListDiff {
  readonly version: number;
  readonly since: number;
  readonly cursor: string;
  readonly reset: boolean;
  readonly state: { readonly rows: readonly { readonly id: string }[] };
}

type ListData = { readonly list: ListDiff };

const tokenSecret = 'a secret for tests only';

const add = 'mutation { listAdd(token: "T") { version } }';

type Connect = (port: number) => SubscriptionClient;

function connectSse(port: number) {
  const client = createSseClient({ url: `http://127.0.0.1:${port}/graphql`, retryAttempts: 0 });
  onTestFinished(() => client.dispose());
  return client;
}

const clients: [string, Connect][] = [
  ['graphql-ws', connectTo],
  ['graphql-ws with deltas', (port) => withDeltas(connectTo(port))],
  ['graphql-sse', connectSse],
  ['graphql-sse with deltas', (port) => withDeltas(connectSse(port))],
];

function portOf({ url }: Lab): number {
  return Number(new URL(url).port);
}

/** A store that is listened to, with all that it has shown. */
function listen(client: SubscriptionClient, variables: { readonly since?: string | null } = {}) {
  const live = liveState<ListData>(client, watchRows, variables);
  const shown = [live.getSnapshot()];
  const unsubscribe = live.subscribe(() => shown.push(live.getSnapshot()));
  onTestFinished(unsubscribe);
  return { live, shown, unsubscribe };
}

describe('a live state', () => {
  it('shows that it connects, then each diff; the same object until something changes', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const { live, shown } = listen(connectTo(portOf(lab)));
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    await lab.client.run(add);
    await until(() => live.getSnapshot().diff?.version === 1, 'the row is there');
    expect(shown.map(({ status, diff }) => [status, diff?.version])).toEqual([
      ['connecting', undefined],
      ['live', 0],
      ['live', 1],
    ]);
    expect(live.getSnapshot()).toBe(live.getSnapshot());
    expect(live.getSnapshot()).toMatchObject({ errors: [], error: null });
  });

  it('runs while anybody listens, and goes on from where it was', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const { live, shown, unsubscribe } = listen(connectTo(portOf(lab)));
    const other = live.subscribe(() => {});
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    unsubscribe();
    await lab.client.run(add);
    await until(() => live.getSnapshot().diff?.version === 1, 'another one listens');
    other();
    await until(() => lab.app.subscribers === 0, 'nobody listens');
    expect(live.getSnapshot().status).toBe('stale');
    await lab.client.run(add);
    onTestFinished(live.subscribe(() => shown.push(live.getSnapshot())));
    await until(() => live.getSnapshot().diff?.version === 2, 'it has gone on');
    expect(shown.at(-1)?.diff).toMatchObject({ since: 1, reset: false });
  });

  it.each(clients)(
    'over %s is stale while the connection is lost, and live again without a diff',
    async (_name, connect) => {
      const { lab, proxy } = await startProxied(memoryStore, defineRows);
      const { live, shown } = listen(connect(proxy.port));
      await lab.client.run(add);
      await until(() => live.getSnapshot().diff?.version === 1, 'the row is there');
      proxy.cut();
      await until(() => live.getSnapshot().status === 'stale', 'it is stale');
      await until(() => live.getSnapshot().status === 'live', 'it is live again');
      await lab.client.run(add);
      await until(() => live.getSnapshot().diff?.version === 2, 'the next row is there');
      expect(shown.filter(({ diff }) => diff?.reset).length).toBe(
        shown.filter(({ diff }) => diff === shown[1]?.diff).length,
      );
      expect(live.gaps).toBe(0);
    },
  );

  it.each(
    clients.map(([name, connect]) => [name, name.includes('deltas') ? 50 : 10, connect] as const),
  )(
    'over %s misses nothing when its connection is cut %i times under load',
    { timeout: 90_000 },
    async (_name, cuts, connect) => {
      const { lab, proxy } = await startProxied(memoryStore, defineRows);
      const client = connect(proxy.port);
      const { live } = listen(client);
      const other = liveState<ListData>(client, watchRows, {});
      const read: ListDiff[] = [];
      const total = 10 * cuts;
      const reading = (async () => {
        for await (const diff of other) {
          read.push(diff);
          if (diff.state.rows.length === total) return;
        }
      })();
      let seen = 0;
      for (let count = 0; count < total; count += 1) {
        await lab.client.run(add);
        if (count % 10 === 5) {
          // Since the cut before.
          await until(() => read.length > seen, 'something has arrived');
          seen = read.length;
          proxy.cut();
        }
      }
      await reading;
      // Cut before it had anything, several times in a row, it may be waiting for 8 s.
      const hasAll = () => live.getSnapshot().diff?.version === total;
      await until(hasAll, 'the store has everything', 30_000);
      const rows = await lab.client.run('{ list(token: "T") { rows { id text done } } }');
      expect(live.getSnapshot().diff?.state.rows).toEqual(rows.rows);
      expect(read.at(-1)?.state.rows).toEqual(rows.rows);
      expect(read.slice(1).map(({ since }) => since)).toEqual(
        read.slice(0, -1).map(({ version }) => version),
      );
      expect(read.filter(({ reset }) => reset)).toHaveLength(1);
      expect([live.gaps, other.gaps]).toEqual([0, 0]);
    },
  );

  it('goes on after a restart of the server', async () => {
    const path = temporaryFolder();
    const build = () => {
      const builder = createBuilder();
      defineRows(builder);
      const store = lmdbStore({ path, durability: 'async' });
      const app = createApp({ schema: builder.toSchema(), store, development: true, tokenSecret });
      return createServer(app, { handleSignals: false, graceMs: 0 });
    };
    const first = build();
    const port = Number(new URL(await first.listen(0, '127.0.0.1')).port);
    const { live, shown } = listen(withDeltas(connectTo(port)));
    const client = new SocketClient(`http://127.0.0.1:${port}`);
    await client.run(add);
    await until(() => live.getSnapshot().diff?.version === 1, 'the row is there');
    await client.close();
    await first.close();
    const second = build();
    onTestFinished(() => second.close());
    await second.listen(port, '127.0.0.1');
    const other = new SocketClient(`http://127.0.0.1:${port}`);
    onTestFinished(() => other.close());
    await other.run(add);
    await until(() => live.getSnapshot().diff?.version === 2, 'the next row is there', 20_000);
    expect(shown.at(-1)?.diff).toMatchObject({ since: 1, reset: false });
    expect(shown.some(({ status }) => status === 'stale')).toBe(true);
  });

  it('that is refused says why, throws in iterators, and tries again for who listens again', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const client = connectTo(portOf(lab));
    const query = watchRows.replace('"T"', '"not a token!"');
    const live = liveState<ListData>(client, query, {});
    const closed = () => live.getSnapshot().status === 'closed';
    const unsubscribe = live.subscribe(() => {});
    await until(closed, 'it is closed');
    const { error } = live.getSnapshot();
    expect(error).toBeInstanceOf(SubscriptionRefusedError);
    expect(error?.errors[0]?.extensions).toMatchObject({ code: 'INVALID_TOKEN' });
    await expect(live.reached(1)).rejects.toMatchObject({ errors: error?.errors });
    await until(closed, 'it is closed again');
    unsubscribe();
    onTestFinished(live.subscribe(() => {}));
    expect(live.getSnapshot()).toMatchObject({ status: 'connecting', error: null });
    await until(closed, 'it is closed again');
    const iterator = live[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toBeInstanceOf(SubscriptionRefusedError);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(lab.app.subscribers).toBe(0);
  });

  it('resolves when it has reached the version of a mutation', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const live = liveState<ListData>(connectTo(portOf(lab)), watchRows, {});
    const { version } = await lab.client.run(add);
    expect((await live.reached(version)).state.rows).toHaveLength(1);
    await until(() => lab.app.subscribers === 0, 'nobody listens any more');
    const next = live.reached(version + 1);
    await lab.client.run(add);
    expect(await next).toMatchObject({ version: version + 1, reset: false });
    expect(await live.reached(1)).toMatchObject({ version: version + 1 });

    const aborter = new AbortController();
    const never = live.reached(1_000, { signal: aborter.signal });
    aborter.abort(new Error('no more patience'));
    await expect(never).rejects.toThrow('no more patience');
    await expect(live.reached(1, { signal: aborter.signal })).rejects.toThrow('no more patience');
    await until(() => lab.app.subscribers === 0, 'nobody waits any more');
  });

  it('with a cursor of another token, or with none that the server knows, begins with a snapshot', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const other = lab.client.subscribe(watchRows.replace('"T"', '"other"'));
    const { cursor } = await other.next();
    await lab.client.run(add);
    for (const since of [cursor, 'no cursor at all']) {
      const live = liveState<ListData>(connectTo(portOf(lab)), watchRows, { since });
      const reader = live[Symbol.asyncIterator]();
      expect((await reader.next()).value).toMatchObject({ version: 1, reset: true });
      expect(live.gaps).toBe(0);
      await reader.return?.();
    }
  });

  it('as an iterator goes on from the cursor of another one; as a store it has to begin with what is there', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const { live } = listen(connectTo(portOf(lab)));
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    const since = live.cursor;
    await lab.client.run(add);
    const next = liveState<ListData>(connectTo(portOf(lab)), watchRows, { since });
    const reader = next[Symbol.asyncIterator]();
    expect((await reader.next()).value).toMatchObject({ version: 1, since: 0, reset: false });
    await reader.return?.();
    expect(await next.reached(1)).toMatchObject({ version: 1, reset: true });
  });

  it('that is left and listened to again at once stays live', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const { live, shown, unsubscribe } = listen(connectTo(portOf(lab)));
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    unsubscribe();
    onTestFinished(live.subscribe(() => shown.push(live.getSnapshot())));
    await lab.client.run(add);
    await until(() => live.getSnapshot().diff?.version === 1, 'the row is there');
    expect(shown.map(({ status }) => status)).toEqual(['connecting', 'live', 'live']);
  });

  it('is not live while its connection is lost, also for who listens only then', async () => {
    const { proxy } = await startProxied(memoryStore, defineRows);
    const { live, unsubscribe } = listen(connectTo(proxy.port));
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    unsubscribe();
    await proxy.close();
    await until(() => live.getSnapshot().status === 'stale', 'it is stale');
    const seen: string[] = [];
    onTestFinished(live.subscribe(() => seen.push(live.getSnapshot().status)));
    // Longer than it takes a subscription to be taken for accepted.
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect([seen, live.getSnapshot().status]).toEqual([[], 'stale']);
  });

  it('has not reached a version by what it knew of a life of the token that is over', async () => {
    const first = await startLab(memoryStore, defineRows);
    const proxy = await TcpProxy.start(portOf(first));
    onTestFinished(() => proxy.close());
    const { live } = listen(connectTo(proxy.port));
    for (let count = 0; count < 5; count += 1) await first.client.run(add);
    await until(() => live.getSnapshot().diff?.version === 5, 'it has what there was');
    const second = await startLab(memoryStore, defineRows);
    proxy.retarget(portOf(second));
    await until(() => live.getSnapshot().status === 'stale', 'it is stale');
    const { version } = await second.client.run(add);
    expect(await live.reached(version)).toMatchObject({ version: 1, reset: true });
  });

  it('whose reader is slow holds 64 diffs, and gets the rest merged', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const live = liveState<ListData>(connectTo(portOf(lab)), watchRows, {});
    const reader = live[Symbol.asyncIterator]();
    await reader.next();
    for (let count = 0; count < 300; count += 1) await lab.client.run(add);
    await until(() => lab.app.subscribers === 0, 'its subscription has stopped');
    const read: ListDiff[] = [];
    while (read.at(-1)?.version !== 300) read.push((await reader.next()).value);
    expect(read.length).toBeLessThan(100);
    expect(read.map(({ since }) => since)).toEqual([
      0,
      ...read.slice(0, -1).map((diff) => diff.version),
    ]);
    expect(read.at(-1)?.state.rows).toHaveLength(300);
    await reader.return?.();
    await until(() => lab.app.subscribers === 0, 'its subscription has ended');
  });

  it('counts a diff that does not follow, and begins anew', async () => {
    const lab = await startLab(memoryStore, defineRows);
    let lost = 0;
    const client = connectTo(
      portOf(lab),
      tappedWebSocket((frame) => {
        if (frame.payload?.data?.list.version !== 2 || lost > 0) return frame;
        lost += 1;
        return null;
      }),
    );
    const { live, shown } = listen(client);
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    for (let count = 0; count < 3; count += 1) await lab.client.run(add);
    await until(() => live.getSnapshot().diff?.version === 3, 'it has the last one');
    expect([lost, live.gaps]).toEqual([1, 1]);
    expect(shown.map(({ diff }) => diff?.reset && diff.version)).toContain(3);
  });

  it('needs a document that can be resumed', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const client = connectTo(portOf(lab));
    const plain = 'subscription { list(token: "T") { version cursor } }';
    expect(() => liveState(client, plain, {})).toThrow(TypeError);
    const live = liveState(client, watchRows.replace('cursor', ''), {});
    await expect(live.reached(0)).rejects.toThrow('select them');
  });

  it('whose listener throws goes on', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const live = liveState<ListData>(connectTo(portOf(lab)), watchRows, {});
    const uncaught = collectUncaught();
    const fault = new Error('a bug of the page');
    onTestFinished(
      live.subscribe(() => {
        throw fault;
      }),
    );
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    await lab.client.run(add);
    await until(() => live.getSnapshot().diff?.version === 1, 'it goes on');
    await until(() => uncaught.length === 2, 'the page is told');
    expect(uncaught).toEqual([fault, fault]);
  });
});
