import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createClient as createSseClient } from 'graphql-sse';
import { createReconnectingClient, liveState, type SubscriptionClient } from 'statewire/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connectTo } from '../support/reconnecting.ts';
import { until } from '../support/until.ts';

interface Diff {
  readonly cursor: string;
  readonly version: number;
}

const watch = 'subscription ($since: String) { cell(since: $since) { cursor version } }';

const retryable = [
  { message: 'not now', extensions: { code: 'STORE_UNAVAILABLE', retryable: true } },
];

/** A server of graphql-ws that does what it should not, each time. */
async function startBadServer(onSubscribe: (socket: WebSocket, id: string) => void) {
  const handleProtocols = () => 'graphql-transport-ws';
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const seen = { connections: 0, subscriptions: 0 };
  server.on('connection', (socket) => {
    seen.connections += 1;
    socket.on('message', (data) => {
      const { type, id } = JSON.parse(String(data));
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type !== 'subscribe') return;
      seen.subscriptions += 1;
      onSubscribe(socket, id);
    });
  });
  return { seen, port: (server.address() as AddressInfo).port };
}

function listen(client: SubscriptionClient) {
  const live = liveState<{ readonly cell: Diff }>(client, watch, {});
  onTestFinished(live.subscribe(() => {}));
  return live;
}

/** How often it was tried in three seconds. */
async function triesOf(count: () => number): Promise<number> {
  await until(() => count() > 1, 'it has tried again');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return count();
}

function send(socket: WebSocket, id: string, type: string, payload: unknown): void {
  socket.send(JSON.stringify({ id, type, payload }));
}

describe('a server that fails each time is asked less and less often:', () => {
  it.each([1000, 1012])('it closes with %i', async (code) => {
    const { seen, port } = await startBadServer((socket) => socket.close(code));
    const live = listen(connectTo(port));
    expect(await triesOf(() => seen.connections)).toBeLessThan(8);
    expect(live.getSnapshot().status).toBe('connecting');
  });

  it('it sends a diff, and then closes the connection', async () => {
    const { seen, port } = await startBadServer((socket, id) => {
      send(socket, id, 'next', { data: { cell: { cursor: 'c', version: 1 } } });
      socket.close(1012);
    });
    listen(connectTo(port));
    expect(await triesOf(() => seen.connections)).toBeLessThan(8);
  });

  it('it says that it has failed, by a code that graphql-ws gives up at', async () => {
    const { seen, port } = await startBadServer((socket) => socket.close(4500));
    const errors: unknown[] = [];
    const sink = { next() {}, error: (error: unknown) => errors.push(error), complete() {} };
    onTestFinished(connectTo(port).subscribe({ query: watch }, sink));
    expect(await triesOf(() => seen.connections)).toBeLessThan(8);
    expect(errors).toEqual([]);
  });

  it('it refuses for now', async () => {
    const { seen, port } = await startBadServer((socket, id) =>
      send(socket, id, 'error', retryable),
    );
    listen(connectTo(port));
    expect(await triesOf(() => seen.subscriptions)).toBeLessThan(8);
  });

  it('it sends a diff, and then an error', async () => {
    const { seen, port } = await startBadServer((socket, id) => {
      send(socket, id, 'next', { data: { cell: { cursor: 'c', version: 1 } } });
      send(socket, id, 'error', retryable);
    });
    const live = listen(connectTo(port));
    expect(await triesOf(() => seen.subscriptions)).toBeLessThan(8);
    expect(live.getSnapshot()).toMatchObject({ status: 'stale', diff: { version: 1 } });
  });

  it('it says that something went wrong', async () => {
    const wrong = [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }];
    const { seen, port } = await startBadServer((socket, id) => send(socket, id, 'error', wrong));
    listen(connectTo(port));
    expect(await triesOf(() => seen.subscriptions)).toBeLessThan(8);
  });
});

describe('a subscription is closed', () => {
  it.each([4401, 4403])('by the close code %i', async (code) => {
    const { seen, port } = await startBadServer((socket) => socket.close(code));
    const live = listen(connectTo(port));
    await until(() => live.getSnapshot().status === 'closed', 'it is closed');
    expect(live.getSnapshot().error?.cause).toMatchObject({ code });
    expect(seen.connections).toBe(1);
  });

  it.each([401, 404])('by the answer %i of HTTP', async (status) => {
    const server = createServer((_request, response) => {
      response.statusCode = status;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const live = listen(createSseClient({ url: `http://127.0.0.1:${port}`, retryAttempts: 0 }));
    await until(() => live.getSnapshot().status === 'closed', 'it is closed');
  });

  it('when its client is disposed of', async () => {
    const { seen, port } = await startBadServer((socket, id) =>
      send(socket, id, 'next', { data: { cell: { cursor: 'c', version: 1 } } }),
    );
    const client = connectTo(port);
    const live = listen(client);
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    await client.dispose();
    await until(() => live.getSnapshot().status === 'closed', 'it is closed');
    expect(seen.connections).toBe(1);
  });

  it('and tried again for everybody when somebody else listens', async () => {
    let refuses = true;
    const { port } = await startBadServer((socket, id) => {
      if (refuses) send(socket, id, 'error', [{ message: 'no' }]);
      else send(socket, id, 'next', { data: { cell: { cursor: 'c', version: 1 } } });
    });
    const live = listen(connectTo(port));
    await until(() => live.getSnapshot().status === 'closed', 'it is closed');
    refuses = false;
    onTestFinished(live.subscribe(() => {}));
    await until(() => live.getSnapshot().status === 'live', 'it is live');
  });
});

describe('a server that is there is connected to', () => {
  const serve = (socket: WebSocket, id: string) =>
    send(socket, id, 'next', { data: { cell: { cursor: 'c', version: 1 } } });

  it('without waiting by who leaves and comes back, over and over', async () => {
    const { seen, port } = await startBadServer(serve);
    const client = connectTo(port);
    for (let round = 0; round < 30; round += 1) {
      const results: unknown[] = [];
      const sink = { next: (result: unknown) => results.push(result), error() {}, complete() {} };
      const end = client.subscribe({ query: watch }, sink);
      await until(() => results.length === 1, 'it has a result', 2_000);
      end();
      await new Promise(setImmediate);
    }
    expect(seen.subscriptions).toBe(30);
  });

  it('also if it was not known for a while where it is', async () => {
    const { port } = await startBadServer(serve);
    let calls = 0;
    const client = createReconnectingClient({
      webSocketImpl: WebSocket,
      url: async () => {
        calls += 1;
        if (calls < 3) throw new Error('no answer');
        return `ws://127.0.0.1:${port}`;
      },
    });
    onTestFinished(() => client.dispose());
    const live = listen(client);
    await until(() => live.getSnapshot().status === 'live', 'it is live');
    expect(calls).toBe(3);
  });

  it('as often as the client is told to', async () => {
    const { seen, port } = await startBadServer((socket) => socket.close(1012));
    const waits: number[] = [];
    const client = createReconnectingClient({
      webSocketImpl: WebSocket,
      url: `ws://127.0.0.1:${port}`,
      retryWait: async (retries) => void waits.push(retries),
    });
    onTestFinished(() => client.dispose());
    listen(client);
    await until(() => seen.connections >= 5, 'it has tried again');
    expect(waits.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });
});

it('a server that takes a connection and says nothing is tried again', {
  timeout: 40_000,
}, async () => {
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  listen(connectTo((server.address() as AddressInfo).port));
  await until(() => connections === 2, 'it has tried again', 15_000);
});

it('a client that gives results at once is left as it is asked to', () => {
  let open = 0;
  const client: SubscriptionClient = {
    subscribe(_payload, sink) {
      open += 1;
      sink.error([{ message: 'no' }]);
      return () => {
        open -= 1;
      };
    },
  };
  const live = listen(client);
  expect([open, live.getSnapshot().status]).toEqual([0, 'closed']);
});
