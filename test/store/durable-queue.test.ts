import { lmdbStore } from 'statewire/lmdb';
import { describe, expect, it, vi } from 'vitest';
import { DurableQueue } from '../../src/store/durable-queue.ts';
import type { DurableHost } from '../../src/store/durable-tasks.ts';
import { ManualClock } from '../../src/testing/test-clock.ts';
import { turn } from '../../src/time/turn.ts';
import { Deferred } from '../support/deferred.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { key } from './lmdb/durable-store.ts';

/** A queue that has started, on a clock of its own; its runs wait to be told how they end. */
async function startQueue() {
  const clock = new ManualClock();
  const none = async () => null;
  const queue = new DurableQueue({ found: [], clock, read: none, claim: none });
  const runs: Deferred<number | null>[] = [];
  const host: DurableHost = {
    run() {
      const run = new Deferred<number | null>();
      runs.push(run);
      return run.promise;
    },
    onFound() {},
  };
  await queue.start(host);
  const advance = async (ms: number) => {
    const end = clock.now() + ms;
    while (clock.runNext(end)) await turn();
    clock.moveTo(end);
  };
  /** The latest run ends so. */
  const endRun = async (result: number | null) => {
    runs.at(-1)?.resolve(result);
    await turn();
  };
  return { queue, runs, advance, endRun };
}

describe('a durable task that is handed over', () => {
  it('runs soon, once, and again when it is handed over after that', async () => {
    const { queue, runs, advance, endRun } = await startQueue();
    await queue.handOver(key, 'task');
    await queue.handOver(key, 'task');
    expect(runs).toHaveLength(0);
    await advance(0);
    await queue.handOver(key, 'task');
    await advance(10_000);
    expect(runs).toHaveLength(1);
    await endRun(null);
    await advance(10_000);
    expect(runs).toHaveLength(1);
    await queue.handOver(key, 'task');
    await advance(0);
    expect(runs).toHaveLength(2);
  });

  it('runs beside others', async () => {
    const { queue, runs, advance } = await startQueue();
    await Promise.all(['a', 'b', 'c'].map((id) => queue.handOver(key, id)));
    await advance(0);
    expect(runs).toHaveLength(3);
  });

  it('runs again after the time that its run says, and not sooner if it is handed over again', async () => {
    const { queue, runs, advance, endRun } = await startQueue();
    await queue.handOver(key, 'task');
    await advance(0);
    await endRun(1_000);
    await queue.handOver(key, 'task');
    await advance(999);
    expect(runs).toHaveLength(1);
    await advance(1);
    expect(runs).toHaveLength(2);
    await endRun(0);
    await advance(0);
    expect(runs).toHaveLength(3);
  });

  it('waits for no longer than a timer can', async () => {
    const { queue, runs, advance, endRun } = await startQueue();
    await queue.handOver(key, 'task');
    await advance(0);
    await endRun(Number.POSITIVE_INFINITY);
    await advance(2 ** 31 - 1);
    expect(runs).toHaveLength(2);
  });

  it('is taken back while it waits, not while it runs', async () => {
    const { queue, runs, advance, endRun } = await startQueue();
    await queue.handOver(key, 'task');
    expect(await queue.withdraw(key, 'task')).toBe(true);
    await advance(10_000);
    expect(runs).toHaveLength(0);
    await queue.handOver(key, 'task');
    await advance(0);
    expect(await queue.withdraw(key, 'task')).toBe(false);
    await endRun(1_000);
    expect(await queue.withdraw(key, 'task')).toBe(true);
    await advance(10_000);
    expect(runs).toHaveLength(1);
  });

  it('runs no more once the queue is paused, whether it waits, comes later or is to be tried again', async () => {
    const { queue, runs, advance, endRun } = await startQueue();
    await queue.handOver(key, 'running');
    await advance(0);
    await queue.handOver(key, 'waiting');
    await queue.pause();
    await queue.handOver(key, 'late');
    await endRun(0);
    await advance(10_000);
    expect(runs).toHaveLength(1);
  });
});

it('a store that is closed runs nothing', async () => {
  const store = lmdbStore({ path: temporaryFolder() });
  const run = vi.fn(async () => null);
  await store.durable?.start({ run, onFound() {} });
  await store.durable?.handOver(key, 'first');
  await until(() => run.mock.calls.length === 1, 'it runs');
  await store.durable?.handOver(key, 'second');
  await store.close();
  await store.durable?.handOver(key, 'third');
  // Timers that are set now come after theirs.
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(run).toHaveBeenCalledTimes(1);
  const shuttingDown = { code: 'SHUTTING_DOWN' };
  await expect(store.durable?.claim(key, 'first')).rejects.toMatchObject(shuttingDown);
  await expect(store.durable?.read(key, 'first')).rejects.toMatchObject(shuttingDown);
});

it('what is handed over before the start is found then, unless it was taken back', async () => {
  const none = async () => null;
  const left = [{ key, id: 'left' }];
  const queue = new DurableQueue({
    found: left,
    clock: new ManualClock(),
    read: none,
    claim: none,
  });
  for (const id of ['early', 'left', 'withdrawn']) await queue.handOver(key, id);
  expect(await queue.withdraw(key, 'withdrawn')).toBe(true);
  const onFound = vi.fn();
  await queue.start({ run: async () => null, onFound });
  expect(onFound.mock.calls).toEqual([
    [key, 'left'],
    [key, 'early'],
  ]);
});
