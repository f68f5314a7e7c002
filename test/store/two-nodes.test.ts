import { type App, createApp, memoryStore } from 'statewire';
import { createServer } from 'statewire/server';
import { expect, it, onTestFinished } from 'vitest';
import { createBuilder, type LabContext } from '../support/lab.ts';
import { SocketClient } from '../support/socket-client.ts';

async function startNode(app: App<LabContext>): Promise<SocketClient> {
  const server = createServer(app, { handleSignals: false });
  const client = new SocketClient(await server.listen(0, '127.0.0.1'));
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return client;
}

const increment = 'mutation { cellIncrement(token: "T") { version state { n } } }';
const watch =
  'subscription ($since: String) { cell(token: "T", since: $since) { version since reset cursor state { n items { id } } } }';

it('two apps on one store behave as nodes of one cluster: one order, every diff, resume on either', async () => {
  const store = memoryStore();
  const builder = createBuilder();
  const Item = builder.objectRef<{ id: number }>('Item').implement({
    fields: (t) => ({ id: t.exposeInt('id', { nullable: false }) }),
  });
  const Cell = builder.state('Cell', {
    vars: (t) => ({
      n: t.int({ default: 0 }),
      items: t.field({ type: [Item], default: [] }),
    }),
    computed: (t) => ({ double: t.int({ resolve: (s) => 2 * s.n }) }),
  });
  Cell.event('increment').resolve((s) => {
    s.n += 1;
    s.items.unshift({ id: s.n });
    if (s.items.length > 3) s.items.pop();
  });
  const schema = builder.toSchema();
  const apps = [0, 1].map(() => createApp<LabContext>({ schema, store, development: true }));
  const [a, b] = (await Promise.all(apps.map(startNode))) as [SocketClient, SocketClient];

  const subscription = b.subscribe(watch);
  const first = await subscription.next();
  await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? a : b).run(increment)));
  const diffs = await subscription.take(100);
  expect(diffs.map(({ state }) => state.n)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  expect(diffs.every(({ since, version }) => since === version - 1)).toBe(true);
  expect(diffs.at(-1).state.items).toEqual([{ id: 100 }, { id: 99 }, { id: 98 }]);

  const onA = a.subscribe(watch, { since: diffs[89].cursor });
  expect((await onA.take(10)).map(({ state }) => state.n)).toEqual([
    91, 92, 93, 94, 95, 96, 97, 98, 99, 100,
  ]);
  const fromStart = a.subscribe(watch, { since: first.cursor });
  // More than maxLag behind: one merged diff, and still no reset.
  expect(await fromStart.next()).toMatchObject({ since: 0, version: 100, reset: false });

  // One that has seen nothing of it knows the defaults that it began with.
  const late = await startNode(createApp<LabContext>({ schema, store, development: true }));
  const onLate = late.subscribe(watch, { since: first.cursor });
  expect(await onLate.next()).toMatchObject({ since: 0, version: 100, reset: false });

  const sums = await Promise.all(
    [a, b].map((client) => client.run('{ cell(token: "T") { n double version } }')),
  );
  expect(sums).toEqual(Array(2).fill({ n: 100, double: 200, version: 100 }));
});

it('a resume on a node that did not see the beginning is a reset, never a hole', async () => {
  const store = memoryStore();
  const builder = createBuilder();
  const Source = builder.state('Source', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  builder.state('Mirror', {
    parent: Source,
    vars: (t) => ({
      own: t.int({ default: 0 }),
    }),
    computed: (t) => ({ n: t.int({ resolve: (s) => s.parent.n }) }),
  });
  Source.event('increment').resolve((s) => {
    s.n += 1;
  });
  const schema = builder.toSchema();
  const apps = [0, 1].map(() => createApp<LabContext>({ schema, store, development: true }));
  const [a, b] = (await Promise.all(apps.map(startNode))) as [SocketClient, SocketClient];
  const mirror = `subscription ($since: String) {
    mirror(token: "T", since: $since) { version reset cursor changed delta { n } }
  }`;
  const onA = a.subscribe(mirror);
  const first = await onA.next();
  await a.run('mutation { sourceIncrement(token: "T") { version } }');
  const resumed = b.subscribe(mirror, { since: first.cursor });
  expect(await resumed.next()).toMatchObject({ version: 1, reset: true, delta: { n: 1 } });
  const again = a.subscribe(mirror, { since: first.cursor });
  expect(await again.next()).toMatchObject({
    version: 1,
    reset: false,
    changed: ['N'],
    delta: { n: 1 },
  });
});

it('a node whose defaults differ is told of them with the first commit of the state', async () => {
  const store = memoryStore();
  const builder = createBuilder();
  let made = 0;
  const Cell = builder.state('Cell', {
    vars: (t) => ({
      n: t.int({ default: 0 }),
      seed: t.int({
        default: () => {
          made += 1;
          return made;
        },
      }),
    }),
  });
  Cell.event('increment').resolve((s) => {
    s.n += 1;
  });
  const schema = builder.toSchema();
  const apps = [0, 1].map(() => createApp<LabContext>({ schema, store, development: true }));
  const [a, b] = (await Promise.all(apps.map(startNode))) as [SocketClient, SocketClient];
  const cell = 'subscription { cell(token: "T") { changed delta { n seed } } }';
  const onA = a.subscribe(cell);
  const before = (await onA.next()).delta.seed;
  const { state } = await b.run('mutation { cellIncrement(token: "T") { state { seed } } }');
  expect(state.seed).not.toBe(before);
  expect(await onA.next()).toEqual({
    changed: ['N', 'SEED'],
    delta: { n: 1, seed: state.seed },
  });
});
