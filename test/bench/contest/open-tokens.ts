import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSource } from './client/event-source.ts';
import { HttpToken } from './client/http-token.ts';
import { SocketToken } from './client/socket-token.ts';
import type { ContenderProcess } from './contender-process.ts';
import type { Operations } from './operations.ts';

/** Connections that are opened at once. */
const batch = 100;

/** What begins to count when an event of it was checked. */
interface Checked extends EventSource {
  check(): Promise<void>;
}

/** So many tokens, each with a subscription over a WebSocket of its own, and an event of each checked. */
export async function openSockets(
  server: ContenderProcess,
  count: number,
  operations: Operations,
): Promise<EventSource[]> {
  const tokens = await server.ask({ ask: 'tokens', count });
  return openTokens(server, tokens, (token) => SocketToken.open(server.port, token, operations));
}

/** The same by HTTP POST and server-sent events. */
export async function openHttp(
  server: ContenderProcess,
  count: number,
  operations: Operations,
): Promise<EventSource[]> {
  const tokens = await server.ask({ ask: 'tokens', count });
  return openTokens(server, tokens, async (token) => new HttpToken(server.port, token, operations));
}

/** Subscribes to these tokens, and checks an event of each. */
export async function openTokens(
  server: ContenderProcess,
  tokens: readonly string[],
  open: (token: string) => Promise<Checked>,
): Promise<EventSource[]> {
  const opened = await subscribing(server, tokens.length, () => inBatches(tokens, open));
  for (const token of opened) await token.check();
  return opened;
}

/** What opens so many subscriptions; resolves when the server has them, and rests. */
export async function subscribing<Result>(
  server: ContenderProcess,
  count: number,
  open: () => Promise<Result>,
): Promise<Result> {
  const before = await server.ask({ ask: 'subscriptions' });
  const opened = await open();
  while ((await server.ask({ ask: 'subscriptions' })) < before + count) await sleep(10);
  await untilAtRest(server);
  return opened;
}

/** Does the same for all, some at a time. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += batch) {
    const some = items.slice(start, start + batch);
    results.push(...(await Promise.all(some.map((item, index) => work(item, start + index)))));
  }
  return results;
}

/** Until the server has nothing more to do, as far as its CPU time shows. */
export async function untilAtRest(server: ContenderProcess): Promise<void> {
  for (;;) {
    const before = await server.ask({ ask: 'usage', heap: false });
    await sleep(100);
    const after = await server.ask({ ask: 'usage', heap: false });
    const cpuMicros = after.cpuMicros - before.cpuMicros;
    if (cpuMicros < (after.clockMicros - before.clockMicros) * 0.1) return;
  }
}
