import { createClient } from 'graphql-ws';
import { memoryStore } from 'statewire';
import { trackVersions, withDeltas } from 'statewire/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Lab, startLab } from '../support/lab.ts';
import { defineRows } from '../support/rows.ts';
import { collectUncaught } from '../support/uncaught.ts';
import { until } from '../support/until.ts';

const add = 'mutation { listAdd(token: "T") { version state { id } } }';
const watch = 'subscription { list(token: "T") { version state { id } } }';
const watchAll = 'subscription { states(token: "T") { version diffs { version state { id } } } }';

interface Held {
  /** While it is set, results are kept from the client. */
  isHolding: boolean;
}

function connect({ url }: Lab, held: Held = { isHolding: false }) {
  const kept: (() => void)[] = [];
  class HeldWebSocket extends WebSocket {
    override emit(event: string, ...args: unknown[]): boolean {
      const emit = () => super.emit(event, ...args);
      if (event !== 'message' || !held.isHolding) return emit();
      return kept.push(emit) > 0;
    }
  }
  const socketUrl = `${url.replace('http', 'ws')}/graphql`;
  const client = trackVersions(createClient({ url: socketUrl, webSocketImpl: HeldWebSocket }));
  onTestFinished(async () => {
    await Promise.resolve(client.dispose()).catch(() => {});
  });
  return {
    client,
    release: () => {
      held.isHolding = false;
      for (const emit of kept.splice(0)) emit();
    },
  };
}

function subscribe({ client }: ReturnType<typeof connect>, query: string) {
  const results: unknown[] = [];
  const sink = { next: (result: unknown) => results.push(result), error() {}, complete() {} };
  const end = client.subscribe({ query }, sink);
  onTestFinished(end);
  return { results, end };
}

/** Whether a promise is settled, or about to be. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = {};
  return (
    (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, pending))])) !==
    pending
  );
}

describe('a client that tracks versions', () => {
  it.each([
    ['a state', watch],
    ['all states', watchAll],
  ])('tells when a subscription to %s has shown what a mutation answered', async (_name, query) => {
    const lab = await startLab(memoryStore, defineRows);
    const held: Held = { isHolding: false };
    const connected = connect(lab, held);
    const { results } = subscribe(connected, query);
    await until(() => results.length === 1, 'it has begun');
    held.isHolding = true;
    const { data } = await lab.client.result(add);
    const shown = connected.client.shown(data);
    expect(await isSettled(shown)).toBe(false);
    connected.release();
    await shown;
    expect(results).toHaveLength(2);
    expect(await isSettled(connected.client.shown(data))).toBe(true);
  });

  it('waits for nothing that no subscription shows, and no longer when its last one ends', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const held: Held = { isHolding: false };
    const connected = connect(lab, held);
    const { data } = await lab.client.result(add);
    await connected.client.shown(data);
    const subscriptions = [subscribe(connected, watch), subscribe(connected, watch)];
    await until(
      () => subscriptions.every(({ results }) => results.length === 1),
      'both have begun',
    );
    held.isHolding = true;
    const { data: next } = await lab.client.result(add);
    const shown = connected.client.shown(next);
    subscriptions[0]?.end();
    expect(await isSettled(shown)).toBe(false);
    subscriptions[1]?.end();
    await shown;
    for (const nothing of [null, undefined, {}, { issueToken: 'x' }, { a: null, b: [1] }]) {
      await connected.client.shown(nothing);
    }
  });

  it('waits for 5 s at most', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const connected = connect(lab);
    const { results } = subscribe(connected, watch);
    await until(() => results.length === 1, 'it has begun');
    const { id } = (results[0] as { data: { list: { state: { id: string } } } }).data.list.state;
    const start = performance.now();
    await connected.client.shown({ answer: { version: 1_000, state: { id } } });
    expect(performance.now() - start).toBeGreaterThan(4_900);
  });
});

it('a client whose results are not whole any more cannot be tracked', async () => {
  const lab = await startLab(memoryStore, defineRows);
  const { client } = connect(lab);
  const sink = { next() {}, error() {}, complete() {} };
  expect(() => withDeltas(client).subscribe({ query: watch }, sink)).toThrow(TypeError);
});

describe('a reader that throws', () => {
  it('breaks no connection', async () => {
    const lab = await startLab(memoryStore, defineRows);
    const uncaught = collectUncaught();
    let results = 0;
    const fault = new Error('a bug of the page');
    const end = connect(lab).client.subscribe(
      { query: watch },
      {
        next() {
          results += 1;
          throw fault;
        },
        error() {},
        complete() {},
      },
    );
    onTestFinished(end);
    await until(() => results === 1, 'it has begun');
    await lab.client.run(add);
    await until(() => results === 2, 'it goes on');
    await until(() => uncaught.length === 2, 'the page is told');
    expect(lab.app.subscribers).toBe(1);
  });
});
