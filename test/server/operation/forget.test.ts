import SchemaBuilder from '@pothos/core';
import { createApp, memoryStore, statewire } from 'statewire';
import { createServer } from 'statewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../../support/silent-logger.ts';
import { SocketClient } from '../../support/socket-client.ts';

interface LibraryContext {
  /** What a loader of the user's has found, and gives again. */
  loaded?: string;
}

const watch = 'subscription { shelf(token: "T") { state { n title } } }';
const touch = 'mutation { shelfTouch(token: "T") { state { title } } }';

/** A state with a field that is loaded through the context. */
async function openLibrary(forget?: (context: LibraryContext) => void) {
  const book = { title: 'first' };
  const builder = new SchemaBuilder<{ Context: LibraryContext }>({ plugins: [statewire()] });
  const Shelf = builder.state('Shelf', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  builder.objectField(Shelf, 'title', (t) =>
    t.string({
      resolve(_shelf, _args, context) {
        context.loaded ??= book.title;
        return context.loaded;
      },
    }),
  );
  Shelf.event('touch').resolve((s) => {
    s.n += 1;
  });
  const app = createApp<LibraryContext>({
    ...{ schema: builder.toSchema(), store: memoryStore(), logger: silentLogger },
    development: true,
  });
  const server = createServer<LibraryContext>(app, {
    ...{ handleSignals: false, graceMs: 0, context: () => ({}) },
    ...(forget ? { forget } : {}),
  });
  const url = await server.listen(0, '127.0.0.1');
  const client = new SocketClient(url);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { book, client, url };
}

describe('forget', () => {
  it('drops what a result has loaded before the next one is made', async () => {
    const { book, client } = await openLibrary((context) => {
      delete context.loaded;
    });
    const subscription = client.subscribe(watch);
    expect(await subscription.next()).toEqual({ state: { n: 0, title: 'first' } });
    book.title = 'second';
    await client.run(touch);
    expect(await subscription.next()).toEqual({ state: { n: 1, title: 'second' } });
  });

  it('is the only one to: without it the context of a subscription stays as it is', async () => {
    const { book, client } = await openLibrary();
    const subscription = client.subscribe(watch);
    await subscription.next();
    book.title = 'second';
    await client.run(touch);
    expect(await subscription.next()).toEqual({ state: { n: 1, title: 'first' } });
  });

  it('is called once for each result, on every transport', async () => {
    const forgotten: (string | undefined)[] = [];
    const { client, url } = await openLibrary(({ loaded }) => forgotten.push(loaded));
    await client.run('{ shelf(token: "T") { title } }');
    await client.run(touch);
    expect(forgotten).toEqual(['first', 'first']);
    for (let times = 3; times <= 4; times += 1) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: touch }),
      });
      expect(await response.json()).toEqual({
        data: { shelfTouch: { state: { title: 'first' } } },
      });
      expect(forgotten).toHaveLength(times);
    }
    const subscription = client.subscribe(watch);
    await subscription.next();
    expect(forgotten).toHaveLength(5);
  });

  it('that throws fails its operation, masked, and no other', async () => {
    let isBroken = true;
    const { client } = await openLibrary(() => {
      if (isBroken) throw new Error('a secret');
    });
    const { errors } = await client.result(touch);
    expect(errors).toMatchObject([{ message: 'Unexpected error.' }]);
    isBroken = false;
    expect(await client.result(touch)).toEqual({
      data: { shelfTouch: { state: { title: 'first' } } },
    });
  });
});
