// `ws` alone, with no GraphQL: sends the frames that graphql-ws would, one by one.
import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerByTimers } from '../answer-by-timers.ts';
import { type Cell, cellAt, cellFields } from '../cell.ts';

interface Message {
  readonly id: string;
  readonly type: string;
  readonly payload: {
    readonly query: string;
    readonly variables: { readonly token: string };
  };
}

interface Subscription {
  readonly socket: WebSocket;
  readonly id: string;
  /** What is sent of the state, in this order; null for all of it. */
  readonly fields: readonly (keyof Cell)[] | null;
}

interface Entry {
  cell: Cell;
  due: number;
  readonly cells: Subscription[];
  readonly ticks: Subscription[];
}

const entries = new Map<string, Entry>();
let subscriptions = 0;

function entryOf(token: string): Entry {
  let entry = entries.get(token);
  if (!entry) {
    entry = { cell: cellAt(0), due: 0, cells: [], ticks: [] };
    entries.set(token, entry);
  }
  return entry;
}

function sendCell({ socket, id, fields }: Subscription, cell: Cell): void {
  const state = fields ? Object.fromEntries(fields.map((field) => [field, cell[field]])) : cell;
  socket.send(JSON.stringify({ id, type: 'next', payload: { data: { cell: { state } } } }));
}

function bump(socket: WebSocket, id: string, token: string): void {
  const entry = entryOf(token);
  const cell = cellAt(entry.cell.n + 1);
  entry.cell = cell;
  for (const subscription of entry.cells) sendCell(subscription, cell);
  const data = { cellBump: { version: cell.n } };
  socket.send(JSON.stringify({ id, type: 'next', payload: { data } }));
  socket.send(JSON.stringify({ id, type: 'complete' }));
}

function subscribe(socket: WebSocket, { id, payload }: Message): void {
  const entry = entryOf(payload.variables.token);
  const list = payload.query.includes('ticker') ? entry.ticks : entry.cells;
  const subscription = { socket, id, fields: selectedOf(payload.query) };
  list.push(subscription);
  subscriptions += 1;
  socket.once('close', () => {
    list.splice(list.indexOf(subscription), 1);
    subscriptions -= 1;
  });
}

/** The fields that a query selects, or null if it selects all of them in their order. */
function selectedOf(query: string): readonly (keyof Cell)[] | null {
  const selected = [...query.matchAll(/\w+/g)]
    .map(([word]) => word as keyof Cell)
    .filter((word) => cellFields.includes(word));
  return selected.join() === cellFields.join() ? null : selected;
}

const http = createServer();
const server = new WebSocketServer({
  server: http,
  path: '/graphql',
  perMessageDeflate: false,
  handleProtocols: () => 'graphql-transport-ws',
});
server.on('connection', (socket) => {
  socket.setMaxListeners(0);
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.type === 'connection_init') {
      socket.send(JSON.stringify({ type: 'connection_ack' }));
    } else if (message.payload.query.startsWith('subscription')) {
      subscribe(socket, message);
    } else {
      bump(socket, message.id, message.payload.variables.token);
    }
  });
});
await answerByTimers({
  http,
  subscriptions: () => subscriptions,
  tick(token, due) {
    const entry = entryOf(token);
    entry.due = due;
    for (const { socket, id } of entry.ticks) {
      const data = { ticker: { state: { due: entry.due } } };
      socket.send(JSON.stringify({ id, type: 'next', payload: { data } }));
    }
  },
});
