import { createClient as createSseClient } from 'graphql-sse';
import { type Client, createClient } from 'graphql-ws';
import { memoryStore } from 'statewire';
import { type SubscriptionClient, withDeltas } from 'statewire/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Lab, startLab } from '../support/lab.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { defineRows, watchRows } from '../support/rows.ts';
import type { Data } from '../support/socket-client.ts';
import { tappedWebSocket } from '../support/tapped-web-socket.ts';
import { until } from '../support/until.ts';

function socketClient({ url }: Lab, webSocketImpl: unknown = WebSocket): Client {
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl });
  onTestFinished(() => void client.dispose());
  return client;
}

function collect(client: SubscriptionClient, query: string): Data[] {
  const results: Data[] = [];
  const end = client.subscribe(
    { query },
    { next: (result) => results.push(result), error: () => {}, complete: () => {} },
  );
  onTestFinished(end);
  return results;
}

const addRow = 'mutation { listAdd(token: "T") { version } }';

describe('a client with deltas', () => {
  it.each<[string, (lab: Lab) => SubscriptionClient]>([
    ['graphql-ws', (lab) => withDeltas(socketClient(lab))],
    ['graphql-sse', ({ url }) => withDeltas(createSseClient({ url: `${url}/graphql` }))],
  ])('of %s gives the results that one without would', async (_name, connect) => {
    const lab = await startLab(memoryStore, defineRows);
    const plain = collect(socketClient(lab), watchRows);
    const restored = collect(connect(lab), watchRows);
    await until(() => plain.length === 1 && restored.length === 1, 'both have begun');
    for (let i = 0; i < 5; i += 1) await lab.client.run(addRow);
    await lab.client.run('mutation { listFail(token: "T") { version } }');
    await lab.client.run(addRow);
    await until(() => plain.length === 8 && restored.length === 8, 'both have everything');
    expect(plain[6].errors).toHaveLength(1);
    expect(restored).toEqual(plain);
    expect(restored[5].data.list.state.rows[0]).toBe(restored[4].data.list.state.rows[0]);
  });

  it('gives them as an async iterator, and ends the subscription when its reader leaves', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const client = withDeltas(socketClient(lab));
    const versions: number[] = [];
    for await (const { data } of client.iterate<Data>({ query: watchRows })) {
      versions.push(data.list.version);
      if (versions.length === 3) break;
      await lab.client.run(addRow);
    }
    expect(versions).toEqual([0, 1, 2]);
    await until(() => lab.app.subscribers === 0, 'the subscription has ended');
  });

  it('takes less than a fortieth of the bytes for a row that is added to 200', async () => {
    const lab = await startLab(memoryStore, defineRows);
    await lab.client.run('mutation { listFill(token: "T", count: 200) { version } }');
    const frames: Data[] = [];
    const impl = tappedWebSocket((frame) => {
      frames.push(frame);
      return frame;
    });
    const results = collect(withDeltas(socketClient(lab, impl)), watchRows);
    await until(() => results.length === 1, 'it has begun');
    await lab.client.run(addRow);
    await until(() => results.length === 2, 'the row is there');
    const [whole, delta] = frames.slice(-2).map((frame) => JSON.stringify(frame).length);
    expect((delta ?? 0) * 40).toBeLessThan(whole ?? 0);
    expect(Object.keys(frames.at(-1).payload)).toEqual(['delta']);
  });

  it('that misses one subscribes again by itself, and goes on', async () => {
    const lab = await startLab(memoryStore, defineRows);
    let lost = 0;
    let starts = 0;
    const impl = tappedWebSocket((frame) => {
      const { payload } = frame;
      if (payload?.data) starts += 1;
      if (payload?.delta?.[0] !== 2 || lost > 0) return frame;
      lost += 1;
      return null;
    });
    const results = collect(withDeltas(socketClient(lab, impl)), watchRows);
    await until(() => results.length === 1, 'it has begun');
    for (let i = 0; i < 4; i += 1) await lab.client.run(addRow);
    await until(() => results.at(-1).data.list.version === 4, 'it has the last one');
    expect([lost, starts]).toEqual([1, 2]);
    await lab.client.run(addRow);
    await until(() => results.at(-1).data.list.version === 5, 'it goes on');
    expect(results.at(-1).data.list.state.rows).toHaveLength(5);
    expect(lab.app.subscribers).toBe(1);
  });

  it('for which they never fit asks for whole results in the end', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const impl = tappedWebSocket((frame) => {
      if (frame.payload?.delta) frame.payload.delta[0] += 1;
      return frame;
    });
    const results = collect(withDeltas(socketClient(lab, impl)), watchRows);
    await until(() => results.length === 1, 'it has begun');
    for (let version = 1; version < 12; version += 1) await lab.client.run(addRow);
    await until(() => results.at(-1).data.list.version === 11, 'it has the last one');
  });
});

describe('a server', () => {
  it('sends differences over server-sent events too', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const received: Data[] = [];
    const on = { message: ({ data }: { readonly data: unknown }) => received.push(data) };
    const client = createSseClient({ url: `${lab.url}/graphql`, on });
    const results = collect(withDeltas(client), watchRows);
    await until(() => results.length === 1, 'it has begun');
    await lab.client.run(addRow);
    await until(() => results.length === 2, 'the row is there');
    expect(received.map((data) => Object.keys(data))).toEqual([['data', 'extensions'], ['delta']]);
  });

  it.each([2, '1', true, null, { version: 1 }])(
    'that is asked for deltas of version %j sends plain results',
    async (delta) => {
      const { client, url } = await startLab(memoryStore, defineRows);
      const raw = await RawSocket.ready(url);
      const payload = { query: watchRows, extensions: { delta } };
      raw.send({ id: '1', type: 'subscribe', payload });
      await raw.answer('1');
      await client.run(addRow);
      const { payload: second } = await raw.until(
        (message) => message.payload?.data?.list.version === 1,
      );
      expect(Object.keys(second)).toEqual(['data']);
      expect(raw.received.some((message) => message.payload?.extensions)).toBe(false);
    },
  );
});
