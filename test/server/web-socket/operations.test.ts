import { GraphQLError } from 'graphql';
import { createApp, memoryStore } from 'statewire';
import { createServer } from 'statewire/server';
import { expect, it, onTestFinished } from 'vitest';
import { Deferred } from '../../support/deferred.ts';
import { createBuilder } from '../../support/lab.ts';
import { RawSocket } from '../../support/raw-socket.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const add = 'mutation { counterAdd(token: "T") { version } }';
const slow = 'mutation { counterSlow(token: "T") { version } }';
const watch = 'subscription { counter(token: "T") { state { n } } }';

/** A counter, and an event that waits until it is let go on. */
async function openCounter(context?: () => object | Promise<object>) {
  const builder = createBuilder();
  const letGo = new Deferred();
  const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Counter.event('add').resolve((s) => {
    s.n += 1;
  });
  Counter.event('slow').resolve(async (s) => {
    await letGo.promise;
    s.n += 100;
  });
  builder.objectField(Counter, 'late', (t) =>
    t.string({
      async resolve() {
        await letGo.promise;
        return 'late';
      },
    }),
  );
  const app = createApp({
    ...{ schema: builder.toSchema(), store: memoryStore(), logger: silentLogger },
    development: true,
  });
  const server = createServer(app, {
    handleSignals: false,
    graceMs: 0,
    ...(context && { context }),
  });
  const url = await server.listen(0, '127.0.0.1');
  const sockets: RawSocket[] = [];
  onTestFinished(async () => {
    letGo.resolve();
    for (const { socket } of sockets) socket.terminate();
    await server.close();
  });
  const open = async () => {
    const socket = await RawSocket.ready(url);
    sockets.push(socket);
    return socket;
  };
  /** The state as another client sees it. */
  const count = async () => {
    const reader = await open();
    reader.subscribe('q', '{ counter(token: "T") { n } }');
    return (await reader.answer('q')).payload.data.counter.n as number;
  };
  return { app, open, count, letGo };
}

const idsOf = ({ received }: RawSocket, type: string) =>
  received.filter((message) => message.type === type).map(({ id }) => id);

it('many messages that come at once are each answered once; those of a connection run in their order', async () => {
  const { open, count } = await openCounter();
  const sockets = [await open(), await open(), await open()];
  const ids = Array.from({ length: 100 }, (_, at) => `${at}`);
  for (const id of ids) for (const socket of sockets) socket.subscribe(id, add);
  for (const socket of sockets) {
    for (const id of ids) {
      await socket.until((message) => message.id === id && message.type === 'complete');
    }
    expect(idsOf(socket, 'next').toSorted()).toEqual(ids.toSorted());
    expect(idsOf(socket, 'complete').toSorted()).toEqual(ids.toSorted());
    const answers = await Promise.all(ids.map((id) => socket.answer(id)));
    const versions: number[] = answers.map(({ payload }) => payload.data.counterAdd.version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  }
  expect(await count()).toBe(300);
});

it('a mutation that came before its client has gone is run', async () => {
  const { open, count } = await openCounter();
  const leaving = await open();
  const sent = 400;
  // More than are worked off in the turn in which the server sees that it has gone.
  for (let at = 0; at < sent; at += 1) leaving.subscribe(`${at}`, add);
  leaving.end();
  await leaving.closed;
  await expect.poll(count).toBe(sent);
});

it('an id that is taken closes the connection; one whose operation has ended is free', async () => {
  const { open } = await openCounter();
  const socket = await open();
  socket.subscribe('a', add);
  await socket.until(({ id, type }) => id === 'a' && type === 'complete');
  socket.subscribe('a', watch);
  await socket.until(({ id, payload }) => id === 'a' && payload?.data?.counter);
  socket.subscribe('b', add);
  await socket.answer('b');
  socket.subscribe('a', add);
  expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber for a already exists' });
});

it('a client that wants no more of an operation may use its id again, and gets no answer of the first', async () => {
  const { open, letGo } = await openCounter();
  const socket = await open();
  socket.subscribe('a', slow);
  socket.send({ id: 'a', type: 'complete' });
  socket.subscribe('a', '{ __typename }');
  expect((await socket.answer('a')).payload).toEqual({ data: { __typename: 'Query' } });
  letGo.resolve();
  socket.subscribe('b', add);
  await socket.answer('b');
  expect(idsOf(socket, 'next')).toEqual(['a', 'b']);
  expect(idsOf(socket, 'complete')).toContain('a');
});

it('a subscription that its client ends while it begins is not begun', async () => {
  const made = new Deferred<object>();
  const { app, open, count } = await openCounter(() => made.promise);
  const socket = await open();
  socket.subscribe('a', watch);
  socket.send({ id: 'a', type: 'complete' });
  socket.subscribe('b', add);
  made.resolve({});
  await socket.answer('b');
  expect(await count()).toBe(1);
  expect(app.subscribers).toBe(0);
  expect(idsOf(socket, 'next')).toEqual(['b']);
});

it('a subscription that its client ends while a result is made does not send it under the id of the next', async () => {
  const { open, letGo } = await openCounter();
  const socket = await open();
  socket.subscribe('a', 'subscription { counter(token: "T") { state { late } } }');
  socket.subscribe('b', add);
  await socket.answer('b');
  socket.send({ id: 'a', type: 'complete' });
  socket.subscribe('a', watch);
  await socket.answer('a');
  letGo.resolve();
  socket.subscribe('c', add);
  await socket.answer('c');
  const results = socket.received.filter(({ id, type }) => id === 'a' && type === 'next');
  expect(results[0].payload.data.counter.state).toEqual({ n: 1 });
  expect(JSON.stringify(results)).not.toContain('late');
});

it('an error that cannot be written as JSON is masked, and the connection stays', async () => {
  let isBroken = true;
  const { open } = await openCounter(() => {
    if (isBroken) throw new GraphQLError('no', { extensions: { code: 'NO', size: 1n } });
    return {};
  });
  const socket = await open();
  socket.subscribe('a', add);
  const { type, payload } = await socket.answer('a');
  expect(type).toBe('error');
  expect(payload).toMatchObject([{ message: 'Unexpected error.' }]);
  isBroken = false;
  socket.subscribe('b', add);
  expect((await socket.answer('b')).payload.data.counterAdd.version).toBe(1);
});
