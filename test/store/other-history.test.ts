import { graphql } from 'graphql';
import { ConflictError, createApp, memoryStore } from 'statewire';
import { expect, it } from 'vitest';
import type { TokenSnapshot } from '../../src/state/snapshot.ts';
import type { CatchUp, Commit, Entry } from '../../src/store/state-store.ts';
import { Deferred } from '../support/deferred.ts';
import { insteadOfCommits } from '../support/forward-store.ts';
import { createBuilder } from '../support/lab.ts';
import { until } from '../support/until.ts';

/** What is there after a failover to a replica that lacks commits. */
const other: TokenSnapshot = Object.freeze({
  ...{ version: 1, id: 'other', firstId: 'other' },
  states: { Cell: { version: 1, loaded: false, values: { n: 100 }, computed: {} } },
});

it('a lock commits nothing that was drafted on another history than the copy has by then', async () => {
  const builder = createBuilder();
  const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  const memory = memoryStore();
  const late = new Deferred<CatchUp>();
  let ring = () => {};
  let isFirstRead = true;
  const stored: Entry[] = [];
  // It has the other history by now.
  const commit = async (newest: Commit, forward: () => Promise<void>) => {
    if (newest.entry.previousId === other.id) stored.push(newest.entry);
    else await forward();
  };
  const store = insteadOfCommits(memory, commit, {
    watch(key, watcher) {
      ring = () => watcher.onCommit();
      return memory.watch(key, watcher);
    },
    read(key, known) {
      if (!isFirstRead) return late.promise;
      isFirstRead = false;
      return memory.read(key, known);
    },
  });
  const app = createApp({ schema: builder.toSchema(), store, development: true });
  const key = app.keyOf('T');
  const seen = async () => {
    const source = '{ cell(token: "T") { n } }';
    const { data } = await graphql({ schema: app.schema, source, contextValue: {} });
    return (data as unknown as { cell: { n: number } }).cell.n;
  };
  const isDrafted = new Deferred<void>();
  const goOn = new Deferred<void>();
  await app.modifyState(Cell, key, (s) => {
    s.n = 1;
  });
  // A read is under way when the lock is granted.
  ring();
  const writing = app.modifyState(Cell, key, async (s) => {
    s.n += 1;
    isDrafted.resolve();
    await goOn.promise;
  });
  writing.catch(() => {});
  await isDrafted.promise;
  late.resolve({ snapshot: other, entries: [] });
  await until(async () => (await seen()) === 100, 'the copy is of the other');
  goOn.resolve();
  await expect(writing).rejects.toThrow(ConflictError);
  expect(stored).toEqual([]);
  await app.close();
});
