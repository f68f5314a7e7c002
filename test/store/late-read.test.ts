import { type ExecutionResult, parse, subscribe } from 'graphql';
import { createApp, memoryStore, type StateStore } from 'statewire';
import { expect, it } from 'vitest';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import { createBuilder } from '../support/lab.ts';

/** A store whose reads, but for the first, answer only when told: as over a slow network. */
function withLateReads(store: StateStore, goOn: Promise<void>): StateStore {
  let reads = 0;
  return forwardTo(store, {
    async read(...args) {
      reads += 1;
      const answer = await store.read(...args);
      if (reads > 1) await goOn;
      return answer;
    },
  });
}

it('a read that answers after the same entries came with a lease changes nothing', async () => {
  const builder = createBuilder();
  const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  const schema = builder.toSchema();
  const goOn = new Deferred();
  const store = memoryStore();
  const a = createApp({ schema, store, development: true });
  const b = createApp({ schema, store: withLateReads(store, goOn.promise), development: true });
  const key = a.keyOf('T');
  const increment = (app: typeof a) =>
    app.modifyState(Cell, key, (s) => {
      s.n += 1;
      return s.n;
    });

  const document = parse('subscription { cell(token: "T") { version state { n } } }');
  const diffs = (await subscribe({
    schema: b.schema,
    document,
    contextValue: {},
  })) as AsyncIterableIterator<ExecutionResult>;
  const next = async () => (await diffs.next()).value.data;
  expect(await next()).toEqual({ cell: { version: 0, state: { n: 0 } } });

  expect(await increment(b)).toBe(1);
  expect(await increment(a)).toBe(2); // rings b, whose read is late
  expect(await increment(b)).toBe(3); // comes with its lease
  goOn.resolve();
  await new Promise(setImmediate);
  expect(await increment(b)).toBe(4);
  expect(await increment(a)).toBe(5);
  for (const n of [1, 2, 3, 4, 5]) {
    expect(await next()).toEqual({ cell: { version: n, state: { n } } });
  }
  await diffs.return?.();
  await a.close();
});
