import { Redis } from 'ioredis';
import { StoreUnavailableError, TaskLostError } from 'statewire';
import { expect, it, onTestFinished, vi } from 'vitest';
import { emptySnapshot } from '../../../src/state/snapshot.ts';
import { DueIndex } from '../../../src/store/redis/due-index.ts';
import { DueSweep, type DueSweepOptions } from '../../../src/store/redis/due-sweep.ts';
import { RedisConnection } from '../../../src/store/redis/redis-connection.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { commitNumber } from './numbered-commit.ts';
import { openStore } from './open-store.ts';
import { durableStart, memoryOf } from './task-record.ts';

const key = hashToken('T');
const due = 'statewire:{durable}:due';

/** A node that looks when it is told to, and what it says. */
async function start(more: Partial<DueSweepOptions> = {}) {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const { store } = await openStore(redis.port);
  const client = new Redis(redis.port, { lazyConnect: true });
  const connection = new RedisConnection({ client, silenceMs: 1_000 });
  onTestFinished(() => connection.close());
  await connection.connect();
  const index = new DueIndex(connection, 'statewire:');
  const told = { found: [] as string[], used: [] as string[], errors: [] as string[] };
  const sweep = new DueSweep({
    ...{ redis: connection, prefix: 'statewire:', index },
    logger: { ...silentLogger, error: (_, text) => void told.errors.push(text) },
    use: (token) => void told.used.push(token),
    isHandedOver: async () => false,
    onFound: (_key, id) => void told.found.push(id),
    ...more,
  });
  /** Looks at the task now, whenever somebody was to. */
  const lookAt = async (...ids: readonly string[]) => {
    for (const id of ids) await redis.command('ZADD', due, '0', `${key} ${id}`);
    await sweep.look();
  };
  const isDue = async (id: string) => (await redis.command('ZSCORE', due, `${key} ${id}`)) !== null;
  return { redis, store, index, told, lookAt, isDue, sweep };
}

/** From now on this process's own clock is as much later as is said last. */
function stubClock(): { later(ms: number): void } {
  const real = performance.now.bind(performance);
  let more = 0;
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => real() + more);
  onTestFinished(() => spy.mockRestore());
  return {
    later(ms) {
      more += ms;
    },
  };
}

it('a task that starts is looked at after three seconds, by one node, and again after some more', async () => {
  const { redis, store, told, sweep } = await start();
  const scoreOf = async () => Number(await redis.command('ZSCORE', due, `${key} work`));
  const before = Date.now();
  await store.trackTasks(key, durableStart('work'));
  expect(await scoreOf()).toBeGreaterThanOrEqual(before + 3_000);
  expect(await scoreOf()).toBeLessThanOrEqual(Date.now() + 3_000);
  await sweep.look();
  expect(told.found).toEqual([]);
  await redis.command('ZADD', due, '0', `${key} work`);
  await sweep.look();
  await sweep.look();
  expect(told).toEqual({ found: ['work'], used: [key], errors: [] });
  expect(await scoreOf()).toBeGreaterThanOrEqual(before + 7_000);
  expect(await scoreOf()).toBeLessThanOrEqual(Date.now() + 7_000);
});

it('one that was handed over is not found, not looked at for half a minute, and its token is kept', async () => {
  const { redis, store, told, lookAt } = await start({ isHandedOver: async () => true });
  await store.trackTasks(key, durableStart('work'));
  const before = Date.now();
  await lookAt('work');
  expect(told).toEqual({ found: [], used: [key], errors: [] });
  const score = Number(await redis.command('ZSCORE', due, `${key} work`));
  expect(score).toBeGreaterThanOrEqual(before + 30_000);
});

it('one that ends while it is looked at is not looked at again', async () => {
  let end = async () => {};
  const { index, store, told, lookAt, isDue } = await start({
    isHandedOver: async () => {
      await end();
      return true;
    },
  });
  await store.trackTasks(key, durableStart('work'));
  end = async () => {
    index.forget(key, ['work']);
    while (await isDue('work')) await new Promise(setImmediate);
  };
  await lookAt('work');
  expect(told.found).toEqual([]);
  expect(await isDue('work')).toBe(false);
});

it('more than are taken at once are all looked at', async () => {
  const { store, told, lookAt } = await start();
  const ids = Array.from({ length: 250 }, (_, index) => `task-${index}`);
  const started = ids.flatMap((id) => durableStart(id).started);
  await store.trackTasks(key, { started, ended: [], saved: ids.map((id) => memoryOf(id)) });
  await lookAt(...ids);
  expect(told.found.sort()).toEqual([...ids].sort());
});

it('one whose commit is slow may still start; one that does not come for a minute never can', async () => {
  const clock = stubClock();
  const { store, index, told, lookAt, isDue } = await start();
  await index.expect(key, ['slow', 'never']);
  await lookAt('slow', 'never');
  clock.later(59_000);
  await lookAt('slow', 'never');
  expect([await isDue('slow'), await isDue('never')]).toEqual([true, true]);
  const lease = await store.acquire(key, emptySnapshot, () => {});
  await commitNumber(lease, 1, { tasks: durableStart('slow') });
  clock.later(2_000);
  await lookAt('slow', 'never');
  expect([await isDue('slow'), await isDue('never')]).toEqual([true, false]);
  expect(told.found).toEqual(['slow']);
  const late = commitNumber(lease, 2, { tasks: durableStart('never') });
  await expect(late).rejects.toThrow(TaskLostError);
});

it('a failure is of one task alone: it is looked at again', async () => {
  const others = { broken: new Error('broken'), away: new StoreUnavailableError() };
  const { store, told, lookAt, isDue } = await start({
    isHandedOver: async (id) => {
      if (id in others) throw others[id as keyof typeof others];
      return false;
    },
  });
  const ids = ['broken', 'away', 'fine'];
  for (const id of ids) await store.trackTasks(key, durableStart(id));
  await lookAt(...ids);
  expect(told.found).toEqual(['fine']);
  // That Redis is away is known.
  expect(told.errors).toHaveLength(1);
  for (const id of ids) expect(await isDue(id)).toBe(true);
});
