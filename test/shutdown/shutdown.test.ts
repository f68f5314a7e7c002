import { describe, expect, it } from 'vitest';
import { RawSocket } from '../support/raw-socket.ts';
import { type Data, SocketClient } from '../support/socket-client.ts';
import { SseSubscription } from '../support/sse-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { StoppedServer } from './stopped-server.ts';
import { TallyClient } from './tally-client.ts';
import { Watcher } from './watcher.ts';

const tokens = ['A', 'B'];
const watchTally = (token: string) =>
  `tally(token: "${token}", since: $since) { version since reset cursor state { n } }`;
const watchWork = 'work(token: "A", since: $since) { version since reset cursor state { notes } }';

async function start(url: string, mutation: string): Promise<void> {
  const client = new SocketClient(url);
  await client.run(`mutation { ${mutation} { id } }`);
  await client.close();
}

/** Each follows the one before; the first follows the version, or is a reset if that is null. */
function expectChain(diffs: readonly Data[], after: number | null): void {
  let last = after ?? 0;
  for (const [index, { version, since, reset }] of diffs.entries()) {
    expect({ since, reset }).toEqual({ since: last, reset: index === 0 && after === null });
    last = version;
  }
}

function postAdd(url: string): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"mutation { tallyAdd(token: \\"A\\", op: \\"late\\") { version } }"}',
  });
}

describe('SIGTERM', () => {
  // It starts two servers, one after the other.
  it('under load loses nothing that was acknowledged, does nothing twice, and leaves no subscriber with a gap', {
    timeout: 60_000,
  }, async () => {
    const dataDir = temporaryFolder();
    const graceMs = 500;
    const server = await StoppedServer.start({ dataDir, graceMs });
    const { url } = server;
    const watchers = await Promise.all(
      [...tokens.map(watchTally), watchWork].map((field) => Watcher.open(url, field)),
    );
    const stream = new SseSubscription(url, 'subscription { tally(token: "A") { version } }');
    await stream.next();
    const streamed = (async () => {
      for (;;) await stream.next();
    })().catch((error: unknown) => String(error));
    await Promise.all(
      ['workDeaf', 'workCooperative'].map((task) => start(url, `${task}(token: "A")`)),
    );
    const clients = tokens.flatMap((token) =>
      (['WebSocket', 'HTTP'] as const).flatMap((transport) =>
        [1, 2].map((index) => ({
          token,
          client: new TallyClient(`${token} ${transport} ${index}`, token, transport),
        })),
      ),
    );
    const working = clients.map(({ client }) => client.work(url));
    const isLoaded = () => clients.every(({ client }) => client.acknowledged.length >= 10);
    await until(isLoaded, 'every client was answered often', 30_000);

    const signalledAt = performance.now();
    server.signal('SIGTERM');
    const closed = await Promise.all(watchers.map((watcher) => watcher.closed));
    expect(closed.map(({ code }) => code)).toEqual(watchers.map(() => 1012));
    expect(await server.ended).toBe(0);
    // What it promises: with steps of its own for onExits, the store, answers and sockets.
    expect(performance.now() - signalledAt).toBeLessThan(graceMs + 4_000);
    expect(await streamed).toMatch(/terminated/);
    await Promise.all(working);
    for (const { client } of clients) {
      const outcome = client.last?.outcome;
      if (outcome === 'unknown') continue;
      expect(outcome).toEqual({ refusal: { code: 'SHUTTING_DOWN', retryable: true } });
    }

    const next = await StoppedServer.start({ dataDir });
    const reader = new SocketClient(next.url);
    for (const [index, token] of tokens.entries()) {
      const { n, ops } = await reader.run(`{ tally(token: "${token}") { n ops } }`);
      expect(ops).toHaveLength(n);
      expect(new Set(ops).size).toBe(n);
      for (const { client } of clients.filter((each) => each.token === token)) {
        const unknown = client.last?.outcome === 'unknown' ? client.last.op : null;
        const own = ops.filter((op: string) => op.startsWith(`${client.name} `));
        expect(own.filter((op: string) => op !== unknown)).toEqual(client.acknowledged);
      }
      const before = watchers[index]?.diffs ?? [];
      expectChain(before, null);
      const { version, cursor } = before.at(-1);
      await reader.run(`mutation { tallyAdd(token: "${token}", op: "next") { version } }`);
      const resumed = await Watcher.open(next.url, watchTally(token), cursor);
      await resumed.until(({ state }) => state.n === n + 1);
      expectChain(resumed.diffs, version);
      resumed.close();
    }
    const { notes } = await reader.run('{ work(token: "A") { notes } }');
    expect(notes).toEqual(['saved', 'cooperative SUCCEEDED', 'deaf CANCELLED']);
    expectChain(watchers.at(-1)?.diffs ?? [], null);
    expect(watchers.at(-1)?.diffs.at(-1).state.notes).toEqual(notes);
    await reader.close();
  });

  it('lets a task commit what it has, and its subscribers see it', async () => {
    const server = await StoppedServer.start({ graceMs: 10_000 });
    const watcher = await Watcher.open(server.url, watchWork);
    await start(server.url, 'workCooperative(token: "A")');
    server.signal('SIGTERM');
    expect((await watcher.closed).code).toBe(1012);
    const { notes } = watcher.diffs.at(-1).state;
    expect(notes).toEqual(['saved', 'cooperative SUCCEEDED']);
    expect(await server.ended).toBe(0);
  });

  it('has the server take nothing new while tasks end, and exit when they have', async () => {
    const server = await StoppedServer.start({ graceMs: 20_000 });
    const { url } = server;
    const raw = await RawSocket.ready(url);
    await start(url, 'workPatient(token: "A")');
    const signalledAt = performance.now();
    server.signal('SIGTERM');
    await server.isClosing();
    // The same signal soon after is an echo of the first; on a machine that is too slow, none comes.
    if (performance.now() - signalledAt < 250) server.signal('SIGTERM');

    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await expect(RawSocket.open(url)).rejects.toThrow(/503/);
    const response = await postAdd(url);
    expect(response.headers.get('connection')).toBe('close');
    const refused = { extensions: { code: 'SHUTTING_DOWN', retryable: true } };
    expect(await response.json()).toMatchObject({ errors: [refused] });
    raw.subscribe('1', 'mutation { tallyAdd(token: "A", op: "late") { version } }');
    expect((await raw.answer('1')).payload).toMatchObject({ errors: [refused] });
    raw.subscribe('2', 'subscription { tally(token: "A") { version } }');
    expect((await raw.answer('2')).payload).toMatchObject({ errors: [refused] });
    raw.subscribe('3', '{ tally(token: "A") { n } }');
    expect((await raw.answer('3')).payload).toEqual({ data: { tally: { n: 0 } } });

    expect(server.hasEnded).toBe(false);
    await server.release();
    expect((await raw.closed).code).toBe(1012);
    expect(await server.ended).toBe(0);
  });

  it('ends a process whose store does not close with 1 after exitAfterMs; its clients come back before', async () => {
    const exitAfterMs = 3_500;
    const server = await StoppedServer.start({ storeHangs: true, graceMs: 0, exitAfterMs });
    const raw = await RawSocket.ready(server.url);
    const signalledAt = performance.now();
    server.signal('SIGTERM');
    expect((await raw.closed).code).toBe(1012);
    expect(server.hasEnded).toBe(false);
    expect(await server.ended).toBe(1);
    expect(performance.now() - signalledAt).toBeGreaterThan(exitAfterMs - 100);
  });

  it('is not held up by a response that never ends', async () => {
    const server = await StoppedServer.start({ graceMs: 100 });
    const never = fetch(`${server.url}/never`);
    const asked = expect(never).rejects.toThrow();
    // It is asked before this is.
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    server.signal('SIGTERM');
    await asked;
    expect(await server.ended).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('and then %s ends the process with 1', async (second) => {
    const server = await StoppedServer.start({ graceMs: 30_000 });
    await start(server.url, 'workPatient(token: "A")');
    server.signal('SIGTERM');
    await server.isClosing();
    // As people do who press Ctrl-C.
    const sending = setInterval(() => server.signal(second), 100);
    expect(await server.ended).toBe(1);
    clearInterval(sending);
  });
});
