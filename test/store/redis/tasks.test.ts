import {
  type StateStore,
  StoreCorruptedError,
  StoreOutcomeError,
  TaskCancelledError,
} from 'statewire';
import { redisStore } from 'statewire/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptySnapshot } from '../../../src/state/snapshot.ts';
import type { Lease } from '../../../src/store/state-store.ts';
import { maxEndedTasks } from '../../../src/store/stored-task.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { commitNumber } from './numbered-commit.ts';
import { openStore } from './open-store.ts';
import { endOf, record } from './task-record.ts';

const key = hashToken('T');
const work = record('work');

async function startRedis(): Promise<RedisServer> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  return redis;
}

/** Two nodes: one that has the task on record, and another. */
async function start(): Promise<{ redis: RedisServer; owner: StateStore; other: StateStore }> {
  const redis = await startRedis();
  const { store: owner } = await openStore(redis.port);
  const { store: other } = await openStore(redis.port);
  await owner.trackTasks(key, { started: [work], ended: [] });
  return { redis, owner, other };
}

async function acquire(store: StateStore): Promise<Lease> {
  return store.acquire(key, emptySnapshot, () => {});
}

/** What a store says of the token's tasks. */
function watch(store: StateStore): { tasks: number; readonly cancelled: string[] } {
  const told = { tasks: 0, cancelled: [] as string[] };
  store.watch(key, {
    onCommit() {},
    onTasks() {
      told.tasks += 1;
    },
    onCancel: (id) => told.cancelled.push(id),
  });
  return told;
}

async function ids(store: StateStore): Promise<string[]> {
  return (await store.listTasks(key)).map((task) => task.record.id);
}

describe('a task that another node has cancelled', () => {
  it('commits nothing more', async () => {
    const { owner, other } = await start();
    const lease = await acquire(owner);
    await commitNumber(lease, 1, { task: 'work' });
    expect(await other.cancelTask(key, 'work')).toBe(true);
    await expect(commitNumber(lease, 2, { task: 'work' })).rejects.toThrow(TaskCancelledError);
    const { entries } = await other.read(key, emptySnapshot);
    expect(entries.map(({ version }) => version)).toEqual([1]);
    // Others commit.
    await commitNumber(lease, 2);
  });

  it('ends as that in a commit, and as nothing else', async () => {
    const { owner, other } = await start();
    await other.cancelTask(key, 'work');
    const lease = await acquire(owner);
    for (const outcome of ['SUCCEEDED', 'FAILED', 'LOST'] as const) {
      const end = endOf(work, { outcome, listedMs: 60_000 });
      const committing = commitNumber(lease, 1, { tasks: { ended: [end] } });
      await expect(committing).rejects.toThrow(TaskCancelledError);
    }
    const [onRecord] = await owner.listTasks(key);
    expect(onRecord).toMatchObject({ record: work, ending: null });
    const end = endOf(work, { outcome: 'CANCELLED', listedMs: 60_000 });
    await commitNumber(lease, 1, { task: 'work', tasks: { ended: [end] } });
    const { cancelledAt } = onRecord ?? {};
    expect(await owner.listTasks(key)).toEqual([{ record: work, cancelledAt, ending: end.ending }]);
  });

  it('ends as that outside of a commit, and as nothing else', async () => {
    const { owner, other } = await start();
    await owner.trackTasks(key, { started: [record('fine')], ended: [] });
    await other.cancelTask(key, 'work');
    const ended = [endOf(record('fine')), endOf(work)];
    const started = [record('new')];
    await expect(owner.trackTasks(key, { started, ended })).rejects.toThrow(TaskCancelledError);
    expect((await ids(other)).sort()).toEqual(['fine', 'work']);
    await owner.trackTasks(key, { started: [], ended: [endOf(work, { outcome: 'CANCELLED' })] });
    expect(await ids(other)).toEqual(['fine']);
  });

  it('was cancelled when it was first, for all nodes', async () => {
    const { owner, other } = await start();
    const before = Date.now();
    expect(await other.cancelTask(key, 'work')).toBe(true);
    const after = Date.now();
    const [first] = await owner.listTasks(key);
    expect(first?.cancelledAt).toBeGreaterThanOrEqual(before);
    expect(first?.cancelledAt).toBeLessThanOrEqual(after);
    await until(() => Date.now() > after, 'it is later');
    expect(await owner.cancelTask(key, 'work')).toBe(true);
    expect(await other.listTasks(key)).toEqual([first]);
  });

  it('is none once its end is stored, nor if nobody knows of it', async () => {
    const { owner, other } = await start();
    await owner.trackTasks(key, { started: [], ended: [endOf(work, { listedMs: 60_000 })] });
    expect(await other.cancelTask(key, 'work')).toBe(false);
    expect(await other.cancelTask(key, 'nobody’s')).toBe(false);
    expect(await other.cancelTask(hashToken('other'), 'work')).toBe(false);
  });

  it('is cancelled also while Redis has no room', async () => {
    const { redis, owner, other } = await start();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(await other.cancelTask(key, 'work')).toBe(true);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    const [task] = await owner.listTasks(key);
    expect(task?.cancelledAt).not.toBeNull();
  });
});

describe('a node is told that its task was cancelled', () => {
  it('by another, as every node is', async () => {
    const { owner, other } = await start();
    const [onOwner, onOther] = [watch(owner), watch(other)];
    // Resolves when they are listening.
    await Promise.all([owner.listTasks(key), other.listTasks(key)]);
    await other.cancelTask(key, 'work');
    for (const told of [onOwner, onOther]) {
      await until(() => told.cancelled.length > 0, 'it is told');
      expect(told.cancelled).toEqual(['work']);
      expect(told.tasks).toBe(1);
    }
  });

  it('also if nothing was heard when it was, but not of the tasks of others', async () => {
    const redis = await startRedis();
    const proxy = await TcpProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const { store: owner } = await openStore(proxy.port);
    const { store: other } = await openStore(redis.port);
    const told = watch(owner);
    await owner.listTasks(key);
    await owner.trackTasks(key, { started: [work, record('goes on')], ended: [] });
    await other.trackTasks(key, { started: [record('theirs')], ended: [] });
    await until(() => told.tasks === 2, 'it was told of these');
    const listeners = async () => String(await redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub'));
    proxy.stall('both');
    // Only that of the other node is left.
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    expect(await listeners()).toBe('');
    await other.cancelTask(key, 'work');
    await other.cancelTask(key, 'theirs');
    expect(told).toEqual({ tasks: 2, cancelled: [] });
    proxy.cut();
    proxy.resume();
    await until(() => told.cancelled.length > 0, 'it is told');
    expect(new Set(told.cancelled)).toEqual(new Set(['work']));
    expect(told.tasks).toBeGreaterThan(2);
  });
});

it('a task that was cancelled of a node that is gone is inherited as that', async () => {
  const leaseMs = 300;
  const redis = await startRedis();
  const proxy = await TcpProxy.start(redis.port);
  onTestFinished(() => proxy.close());
  const { store: gone } = await openStore(proxy.port, leaseMs);
  await gone.trackTasks(key, { started: [work, record('lost')], ended: [] });
  proxy.stall('both');
  const { store: heir, inherited } = await openStore(redis.port, leaseMs);
  expect(await heir.cancelTask(key, 'work')).toBe(true);
  const before = await heir.listTasks(key);
  await until(() => inherited.length === 2, 'it is taken for gone');
  expect(inherited).toEqual(expect.arrayContaining([...before]));
  expect(await heir.listTasks(key)).toEqual(before);
  const cancelled = inherited.filter(({ cancelledAt }) => cancelledAt !== null);
  expect(cancelled.map((task) => task.record.id)).toEqual(['work']);
  // Its end is the heir's to store.
  const end = (outcome: 'LOST' | 'CANCELLED') =>
    heir.trackTasks(key, { started: [], ended: [endOf(work, { outcome })] });
  await expect(end('LOST')).rejects.toThrow(TaskCancelledError);
  await end('CANCELLED');
  expect(await ids(heir)).toEqual(['lost']);
});

describe('a start whose answer is lost, of a task that is cancelled meanwhile', () => {
  it('leaves it cancelled when it is sent again', async () => {
    const redis = await startRedis();
    const proxy = await TcpProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const { store: slow } = await openStore(proxy.port);
    const { store: other } = await openStore(redis.port);
    await slow.trackTasks(key, { started: [record('first')], ended: [] });
    proxy.stall('replies');
    const starting = slow.trackTasks(key, { started: [work], ended: [] });
    await until(() => other.cancelTask(key, 'work'), 'it is on record');
    proxy.cut();
    proxy.resume();
    await starting;
    const task = (await other.listTasks(key)).find(({ record: { id } }) => id === 'work');
    expect(task?.cancelledAt).not.toBeNull();
  });

  it('leaves one that is lost as cancelled, if that takes too long', async () => {
    const redis = await startRedis();
    const proxy = await TcpProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const { store: slow, inherited } = await openStore(proxy.port, 300);
    // No node, that would take the slow one for gone.
    const other = redisStore({ url: redis.url });
    onTestFinished(() => other.close());
    await slow.trackTasks(key, { started: [record('first')], ended: [] });
    proxy.stall('replies');
    const starting = slow.trackTasks(key, { started: [work], ended: [] });
    const refused = expect(starting).rejects.toThrow(StoreOutcomeError);
    await until(() => other.cancelTask(key, 'work'), 'it is on record');
    await refused;
    proxy.cut();
    proxy.resume();
    await until(() => inherited.length > 0, 'it is lost');
    expect(inherited).toMatchObject([{ record: work, ending: null }]);
    expect(inherited[0]?.cancelledAt).not.toBeNull();
  });
});

describe('a task that has ended', () => {
  it('is listed on every node among those that run, as it was last, by when they were triggered', async () => {
    const { owner, other } = await start();
    const [onOwner, onOther] = [watch(owner), watch(other)];
    await Promise.all([ids(owner), ids(other)]);
    const [second, third] = [record('2', { createdAt: 2 }), record('3', { createdAt: 3 })];
    const lease = await acquire(owner);
    await commitNumber(lease, 1, { tasks: { started: [third, second] } });
    expect(await ids(other)).toEqual(['work', '2', '3']);
    await until(() => Math.min(onOwner.tasks, onOther.tasks) === 1, 'both are told');
    const error = { code: 'X', message: 'It failed.' };
    const ending = { outcome: 'FAILED', endedAt: 9, error } as const;
    const last = record('2', { createdAt: 2, attempt: 3, progress: 0.5, message: 'half' });
    const ended = [{ record: last, ending, listedMs: 60_000 }, endOf(third)];
    await commitNumber(lease, 2, { task: '2', tasks: { ended } });
    await until(() => Math.min(onOwner.tasks, onOther.tasks) === 2, 'both are told');
    const listed = [
      { record: work, cancelledAt: null, ending: null },
      { record: last, cancelledAt: null, ending },
    ];
    expect(await owner.listTasks(key)).toEqual(listed);
    expect(await other.listTasks(key)).toEqual(listed);
    await owner.trackTasks(key, { started: [], ended: [endOf(work, { listedMs: 60_000 })] });
    await until(() => Math.min(onOwner.tasks, onOther.tasks) === 3, 'both are told');
    expect(await ids(other)).toEqual(['work', '2']);
  });

  it('is listed once, however often its end is said', async () => {
    const { redis, owner, other } = await start();
    const end = { started: [], ended: [endOf(work, { listedMs: 60_000 })] };
    await owner.trackTasks(key, end);
    await owner.trackTasks(key, end);
    expect(await ids(other)).toEqual(['work']);
    expect(await redis.command('ZCARD', `statewire:{${key}}:ended`)).toBe(1);
  });

  it('is listed once, also if the answer to its commit is lost, and it is sent again', async () => {
    const redis = await startRedis();
    const proxy = await TcpProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const { store: owner } = await openStore(proxy.port);
    const { store: other } = await openStore(redis.port);
    await owner.trackTasks(key, { started: [work], ended: [] });
    const lease = await acquire(owner);
    await commitNumber(lease, 1);
    proxy.stall('replies');
    const ended = [endOf(work, { listedMs: 60_000 })];
    const committing = commitNumber(lease, 2, { tasks: { ended } });
    await until(async () => (await other.listTasks(key))[0]?.ending != null, 'it is stored');
    proxy.cut();
    proxy.resume();
    await committing;
    expect(await ids(other)).toEqual(['work']);
  });

  it('is listed for its time, however long others are, and leaves nothing', async () => {
    const { redis, owner, other } = await start();
    const ttl = () => redis.command('PTTL', `statewire:{${key}}:ended`);
    const started = ['short', 'shorter', 'last'].map((id) => record(id));
    await owner.trackTasks(key, { started, ended: [] });
    const end = (id: string, listedMs: number) =>
      owner.trackTasks(key, { started: [], ended: [endOf(record(id), { listedMs })] });
    await end('short', 300);
    await end('shorter', 20);
    await until(async () => !(await ids(other)).includes('shorter'), 'its time is over');
    await until(async () => (await ttl()) === -2, 'so is that of both');
    expect((await ids(other)).sort()).toEqual(['last', 'work']);
    await end('work', 60_000);
    await end('last', 1);
    // It is not its token's time.
    owner.keep([key], 1);
    expect(await ttl()).toBeGreaterThan(50_000);
    await until(
      async () => (await redis.command('EXISTS', `statewire:{${key}}:tasks`)) === 0,
      'its token is gone',
    );
    await until(async () => (await ids(other)).length === 1, 'the time of one is over');
    expect(await ids(other)).toEqual(['work']);
  });

  it('is listed for ever if that is its time', async () => {
    const { owner, other } = await start();
    const ended = [endOf(work, { listedMs: Number.POSITIVE_INFINITY })];
    await commitNumber(await acquire(owner), 1, { tasks: { ended } });
    expect(await ids(other)).toEqual(['work']);
  });

  it('is listed while it is one of the latest, whatever the time of each', async () => {
    const { owner, other } = await start();
    let endedAt = 0;
    const run = async (tasks: readonly string[], listedMs: number) => {
      const records = tasks.map((id) => record(id));
      await owner.trackTasks(key, { started: records, ended: [] });
      const ended = records.map((task) => {
        endedAt += 1;
        return endOf(task, { listedMs, endedAt });
      });
      await owner.trackTasks(key, { started: [], ended });
    };
    const name = (_: unknown, index: number) => `${index}`;
    const early = Array.from({ length: maxEndedTasks + 5 }, name);
    await run(early, 600_000);
    expect(new Set(await ids(other))).toEqual(new Set(['work', ...early.slice(5)]));
    await run(['late'], 60_000);
    await run(['later'], 600_000);
    const latest = ['work', ...early.slice(7), 'late', 'later'];
    expect(new Set(await ids(other))).toEqual(new Set(latest));
    expect(await ids(other)).toHaveLength(maxEndedTasks + 1);
  });

  it('is still on record if something else is in the place of those that have ended', async () => {
    const { redis, owner, other } = await start();
    await redis.command('SET', `statewire:{${key}}:ended`, 'x');
    const ended = [endOf(work, { listedMs: 60_000 })];
    const committing = commitNumber(await acquire(owner), 1, { tasks: { ended } });
    await expect(committing).rejects.toThrow(StoreCorruptedError);
    const tracking = owner.trackTasks(key, { started: [record('new')], ended });
    await expect(tracking).rejects.toThrow(StoreCorruptedError);
    await redis.command('DEL', `statewire:{${key}}:ended`);
    expect(await ids(other)).toEqual(['work']);
    const { entries } = await other.read(key, emptySnapshot);
    expect(entries).toEqual([]);
  });

  it('leaves room for those whose time is not over', async () => {
    const { redis, owner } = await start();
    const ended = `statewire:{${key}}:ended`;
    await redis.command('ZADD', ended, '1', '1 {}');
    await owner.trackTasks(key, { started: [], ended: [endOf(work, { listedMs: 60_000 })] });
    expect(await redis.command('ZCARD', ended)).toBe(1);
  });
});

describe('what is known of a task', () => {
  it('is replaced by its node, who is told as others are, until it is cancelled', async () => {
    const { owner, other } = await start();
    const [onOwner, onOther] = [watch(owner), watch(other)];
    await Promise.all([ids(owner), ids(other)]);
    const half = record('work', { progress: 0.5, message: 'half' });
    await owner.updateTask(key, half);
    await until(() => Math.min(onOwner.tasks, onOther.tasks) === 1, 'both are told');
    expect(await other.listTasks(key)).toEqual([{ record: half, cancelledAt: null, ending: null }]);
    await other.cancelTask(key, 'work');
    const [{ cancelledAt } = { cancelledAt: null }] = await other.listTasks(key);
    expect(cancelledAt).not.toBeNull();
    await owner.updateTask(key, record('work', { progress: 0.9 }));
    expect(await other.listTasks(key)).toEqual([{ record: half, cancelledAt, ending: null }]);
  });

  it('is not if it is of another node, has ended, or never began', async () => {
    const { owner, other } = await start();
    const told = watch(other);
    const listed = await other.listTasks(key);
    const half = { progress: 0.5 };
    await other.updateTask(key, record('work', half));
    await owner.updateTask(key, record('never', half));
    expect(await other.listTasks(key)).toEqual(listed);
    const end = endOf(work, { listedMs: 60_000 });
    await owner.trackTasks(key, { started: [], ended: [end] });
    await owner.updateTask(key, record('work', half));
    expect(await other.listTasks(key)).toEqual([
      { record: work, cancelledAt: null, ending: end.ending },
    ]);
    await until(() => told.tasks > 0, 'it is told of the end');
    expect(told.tasks).toBe(1);
  });
});
