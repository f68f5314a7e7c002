import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createApp, memoryStore } from 'statewire';
import { createServer } from 'statewire/server';
import { type WebSocket, WebSocketServer } from 'ws';
import { CountedSocket } from './counted-socket.ts';
import { defineTodos, watchTodos } from './todos.ts';

/** Bytes that a client receives for one change, frames of WebSocket and graphql-ws included. */
export interface WireBytes {
  readonly change: string;
  readonly whole: number;
  /** Whole results on a connection with permessage-deflate, which remembers what it sent before. */
  readonly deflated: number;
  readonly delta: number;
}

const token = 'wire';

/** Changes of a list of 200 todos, as three clients get them over real sockets. */
export async function measureWire(): Promise<WireBytes[]> {
  const { schema, fill, changes } = defineTodos();
  const app = createApp({ schema, store: memoryStore(), development: true });
  const server = createServer(app, { handleSignals: false, graceMs: 0 });
  const url = `${(await server.listen(0, '127.0.0.1')).replace('http', 'ws')}/graphql`;
  const key = app.keyOf(token);
  await app.dispatch(fill, key);

  const whole = await subscribe(url, {});
  const delta = await subscribe(url, { delta: 1 });
  const relay = await relayDeflated(whole.socket);
  const rows: WireBytes[] = [];
  for (const { name, event } of changes) {
    const received = [whole, relay.client, delta].map((socket) => socket.nextBytes());
    await app.dispatch(event, key);
    const [plain = 0, deflated = 0, small = 0] = await Promise.all(received);
    rows.push({ change: name, whole: plain, deflated, delta: small });
  }
  for (const socket of [whole, delta, relay.client]) socket.close();
  relay.close();
  await server.close();
  return rows;
}

async function subscribe(url: string, extensions: object): Promise<CountedSocket> {
  const socket = await CountedSocket.open(url, { perMessageDeflate: false });
  socket.send({ type: 'connection_init' });
  await socket.nextBytes();
  const payload = { query: watchTodos, variables: { token }, extensions };
  const first = socket.nextBytes();
  socket.send({ id: '1', type: 'subscribe', payload });
  await first;
  return socket;
}

/** What a connection receives, sent on over another one that deflates. */
async function relayDeflated(source: WebSocket) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  const { port } = server.address() as AddressInfo;
  const client = await CountedSocket.open(`ws://127.0.0.1:${port}`, { perMessageDeflate: true });
  const [target] = await connected;
  source.on('message', (data) => target.send(String(data)));
  return { client, close: () => server.close() };
}
