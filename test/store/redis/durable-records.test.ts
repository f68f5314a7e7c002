import { Redis } from 'ioredis';
import {
  type StateStore,
  StoreCorruptedError,
  StoreOutcomeError,
  SupersededError,
  TaskCancelledError,
  TaskLostError,
} from 'statewire';
import { redisStore } from 'statewire/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptySnapshot } from '../../../src/state/snapshot.ts';
import { DueIndex } from '../../../src/store/redis/due-index.ts';
import { DueSweep } from '../../../src/store/redis/due-sweep.ts';
import type { TokenHost } from '../../../src/store/redis/open-token.ts';
import { RedisConnection } from '../../../src/store/redis/redis-connection.ts';
import { TaskRecords } from '../../../src/store/redis/task-records.ts';
import type { Lease } from '../../../src/store/state-store.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { commitNumber } from './numbered-commit.ts';
import { openDurable, startDurable } from './open-durable.ts';
import { openStore } from './open-store.ts';
import { durableRecord, durableStart, endOf, memoryOf, record } from './task-record.ts';

const key = hashToken('T');
const due = 'statewire:{durable}:due';
const nodes = 'statewire:{nodes}:alive';
const memories = `statewire:{${key}}:memories`;

async function startRedis(): Promise<RedisServer> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  return redis;
}

/** A store that nobody has started, with a durable task on record. */
async function start() {
  const redis = await startRedis();
  const node = await openDurable(redis.port);
  await node.store.trackTasks(key, durableStart('work'));
  return { redis, ...node };
}

async function acquire(store: StateStore): Promise<Lease> {
  return store.acquire(key, emptySnapshot, () => {});
}

function endingOf(attempt: number, outcome: 'SUCCEEDED' | 'CANCELLED' = 'SUCCEEDED') {
  return endOf(durableRecord('work', attempt), { outcome, listedMs: 60_000 });
}

describe('a durable task on record', () => {
  it('is nobody’s until it is claimed, and then its latest attempt’s', async () => {
    const { store, durable } = await start();
    const memory = memoryOf('work');
    const [listed] = await store.listTasks(key);
    expect(listed).toEqual({ record: durableRecord('work'), cancelledAt: null, ending: null });
    expect(await durable.read(key, 'work')).toEqual({ task: listed, memory });
    for (const attempt of [1, 2, 3]) {
      const task = { record: durableRecord('work', attempt), cancelledAt: null, ending: null };
      expect(await durable.claim(key, 'work')).toEqual({ task, memory });
      expect(await durable.read(key, 'work')).toEqual({ task, memory });
      expect(await store.listTasks(key)).toEqual([task]);
    }
  });

  it('is known to whoever asks for a durable one of this id alone', async () => {
    const { store, durable } = await start();
    await store.trackTasks(key, { started: [record('node’s')], ended: [] });
    for (const [token, id] of [
      [key, 'nobody’s'],
      [key, 'node’s'],
      [hashToken('other'), 'work'],
    ] as const) {
      expect(await durable.read(token, id)).toBeNull();
      expect(await durable.claim(token, id)).toBeNull();
    }
  });

  it('rings when it is claimed', async () => {
    const { store, durable } = await start();
    const told: string[] = [];
    store.watch(key, { onCommit() {}, onTasks: () => void told.push('tasks'), onCancel() {} });
    await store.listTasks(key);
    await durable.claim(key, 'work');
    await until(() => told.length > 0, 'it rings');
  });

  it('is damaged without its memory, and is not claimed', async () => {
    const { redis, store, durable } = await start();
    await redis.command('DEL', memories);
    await expect(durable.claim(key, 'work')).rejects.toThrow(StoreCorruptedError);
    await expect(durable.read(key, 'work')).rejects.toThrow(StoreCorruptedError);
    expect((await store.listTasks(key))[0]?.record.attempt).toBe(0);
  });

  it('stays cancelled when it is claimed, and ends as that alone', async () => {
    const { store, durable } = await start();
    await store.cancelTask(key, 'work');
    const [listed] = await store.listTasks(key);
    const claimed = await durable.claim(key, 'work');
    expect(listed?.cancelledAt).not.toBeNull();
    expect(claimed?.task).toMatchObject({
      record: { attempt: 1 },
      cancelledAt: listed?.cancelledAt,
    });
    const end = (outcome: 'SUCCEEDED' | 'CANCELLED') =>
      store.trackTasks(key, { started: [], ended: [endingOf(1, outcome)] });
    await expect(end('SUCCEEDED')).rejects.toThrow(TaskCancelledError);
    await end('CANCELLED');
    expect(await store.listTasks(key)).toMatchObject([{ ending: { outcome: 'CANCELLED' } }]);
  });

  it('keeps its token from expiring until it has ended', async () => {
    const { redis, store, durable } = await start();
    const timesOf = (...names: string[]) =>
      Promise.all(names.map((name) => redis.command('PTTL', `statewire:{${key}}:${name}`)));
    store.keep([key], 60_000);
    const lease = await acquire(store);
    await commitNumber(lease, 1);
    await durable.claim(key, 'work');
    expect(await timesOf('head', 'log', 'tasks', 'memories')).toEqual([-1, -1, -1, -1]);
    await commitNumber(lease, 2, { task: 'work', attempt: 1, tasks: { ended: [endingOf(1)] } });
    for (const ms of await timesOf('head', 'log')) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(70_000);
    }
  });

  it('is not lost with a node: another takes over what was that node’s alone', async () => {
    const leaseMs = 300;
    const redis = await startRedis();
    const proxy = await TcpProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const { store: gone } = await openStore(proxy.port, leaseMs);
    await gone.trackTasks(key, { started: [record('lost')], ended: [] });
    await gone.trackTasks(key, durableStart('work'));
    proxy.stall('both');
    const { store: heir, inherited } = await openStore(redis.port, leaseMs);
    await until(() => inherited.length > 0, 'it is taken for gone');
    expect(inherited.map((task) => task.record.id)).toEqual(['lost']);
    const work = (await heir.listTasks(key)).find((task) => task.record.id === 'work');
    expect(work?.record).toEqual(durableRecord('work'));
  });
});

describe('an attempt', () => {
  it('that is not the latest commits, ends, saves and changes nothing', async () => {
    const { store, durable } = await start();
    await durable.claim(key, 'work');
    const lease = await acquire(store);
    await commitNumber(lease, 1, { task: 'work', attempt: 1 });
    await durable.claim(key, 'work');
    const before = await durable.read(key, 'work');
    const saved = [memoryOf('work', { attempt: 1, checkpoint: 'old' })];
    const refused = [
      () => commitNumber(lease, 2, { task: 'work', attempt: 1 }),
      () => commitNumber(lease, 2, { task: 'work', attempt: 1, tasks: { saved } }),
      () => commitNumber(lease, 2, { task: 'work', attempt: 1, tasks: { ended: [endingOf(1)] } }),
      () => commitNumber(lease, 2, { tasks: { ended: [endingOf(1)] } }),
      () => store.trackTasks(key, { started: [], ended: [endingOf(1)] }),
      () => store.trackTasks(key, { started: [], ended: [], saved }),
    ];
    for (const act of refused) await expect(act()).rejects.toThrow(SupersededError);
    await store.updateTask(key, { ...durableRecord('work', 1), progress: 0.5 });
    expect(await durable.read(key, 'work')).toEqual(before);
    expect((await store.read(key, emptySnapshot)).entries).toHaveLength(1);
  });

  it('that is the latest commits, saves and changes', async () => {
    const { store, durable } = await start();
    await durable.claim(key, 'work');
    await durable.claim(key, 'work');
    const half = { ...durableRecord('work', 2), progress: 0.5 };
    await store.updateTask(key, half);
    const lease = await acquire(store);
    const first = memoryOf('work', { attempt: 2, checkpoint: new Set([1n]) });
    await commitNumber(lease, 1, { task: 'work', attempt: 2, tasks: { saved: [first] } });
    expect(await durable.read(key, 'work')).toMatchObject({
      task: { record: half },
      memory: first,
    });
    const second = memoryOf('work', { attempt: 2, checkpoint: 'later' });
    await store.trackTasks(key, { started: [], ended: [], saved: [second] });
    expect((await durable.read(key, 'work'))?.memory).toEqual(second);
  });

  it.each(['in a commit', 'outside of one'])(
    'that ends leaves nothing but its end: %s',
    async (where) => {
      const { redis, store, durable } = await start();
      expect(await redis.command('ZRANGE', due, '0', '-1')).toEqual([`${key} work`]);
      await durable.claim(key, 'work');
      const ended = [endingOf(1)];
      if (where === 'in a commit') {
        const end = { task: 'work', attempt: 1, tasks: { ended } };
        await commitNumber(await acquire(store), 1, end);
      } else {
        await store.trackTasks(key, { started: [], ended });
      }
      expect(await store.listTasks(key)).toMatchObject([{ ending: { outcome: 'SUCCEEDED' } }]);
      expect(await redis.command('EXISTS', memories)).toBe(0);
      expect(await durable.claim(key, 'work')).toBeNull();
      await until(async () => (await redis.command('ZCARD', due)) === 0, 'nobody looks for it');
    },
  );

  it('at a task that is over is refused; that it has ended may be said again', async () => {
    const { store, durable } = await start();
    await durable.claim(key, 'work');
    const over = { started: [], ended: [endingOf(1)] };
    await store.trackTasks(key, over);
    await store.trackTasks(key, over);
    const lease = await acquire(store);
    await expect(commitNumber(lease, 1, { task: 'work', attempt: 1 })).rejects.toThrow(
      SupersededError,
    );
    const saved = [memoryOf('work', { attempt: 1 })];
    await expect(store.trackTasks(key, { started: [], ended: [], saved })).rejects.toThrow(
      SupersededError,
    );
  });
});

describe('a start', () => {
  it('may be of tasks of both kinds, in a commit of a durable one', async () => {
    const { redis, store, durable } = await start();
    await durable.claim(key, 'work');
    const saved = [memoryOf('second'), memoryOf('work', { attempt: 1, checkpoint: 1 })];
    const started = [durableRecord('second'), record('node’s')];
    const tasks = { started, saved };
    await commitNumber(await acquire(store), 1, { task: 'work', attempt: 1, tasks });
    expect((await durable.read(key, 'second'))?.memory).toEqual(memoryOf('second'));
    expect((await durable.read(key, 'work'))?.memory.checkpoint).toBe(1);
    expect(await redis.command('ZCARD', due)).toBe(2);
    await store.trackTasks(key, { started: [], ended: [endOf(record('node’s'))] });
  });

  it('is refused of a node that was taken for gone, but not of durable tasks alone', async () => {
    const { redis, store } = await start();
    const [node = ''] = (await redis.command('ZRANGE', nodes, '0', '-1')) as string[];
    await redis.command('HSET', `statewire:{${key}}:over`, `node ${node}`, ' 0');
    const lease = await acquire(store);
    await commitNumber(lease, 1, { tasks: durableStart('second') });
    await store.trackTasks(key, durableStart('third'));
    const started = [record('node’s'), durableRecord('fourth')];
    const both = { started, ended: [], saved: [memoryOf('fourth')] };
    await expect(commitNumber(lease, 2, { tasks: both })).rejects.toThrow(TaskLostError);
    await expect(store.trackTasks(key, both)).rejects.toThrow(TaskLostError);
    const ids = (await store.listTasks(key)).map((task) => task.record.id);
    expect(ids.sort()).toEqual(['second', 'third', 'work']);
  });

  it('that is sent again does not undo a claim, nor bring back a task that was found and has ended', async () => {
    const redis = await startRedis();
    const proxy = await TcpProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const { store, durable } = await openDurable(redis.port);
    const expected = { expect: async () => {}, forget() {}, letGo() {} };
    const host = { prefix: 'statewire:', node: '-', ttl: '', redis: await connect(proxy.port) };
    const slow = new TaskRecords({ ...host, ...expected } as unknown as TokenHost);
    // So that the script is known, and one step of Redis is all that there is to do.
    await slow.track(key, durableStart('first'));
    proxy.stall('replies');
    const claimed = slow.track(key, durableStart('claimed'));
    const ended = slow.track(key, durableStart('ended'));
    ended.catch(() => {});
    await until(async () => (await store.listTasks(key)).length === 3, 'they are on record');
    await findAll(redis, ['claimed', 'ended']);
    await durable.claim(key, 'claimed');
    await store.trackTasks(key, {
      ...{ started: [], saved: [memoryOf('claimed', { attempt: 1, checkpoint: 1 })] },
      ended: [endOf(durableRecord('ended'))],
    });
    proxy.cut();
    proxy.resume();
    await claimed;
    await expect(ended).rejects.toThrow(StoreOutcomeError);
    expect(await durable.read(key, 'ended')).toBeNull();
    expect(await durable.read(key, 'claimed')).toMatchObject({
      ...{ task: { record: { attempt: 1 } }, memory: { checkpoint: 1 } },
    });
  });
});

async function connect(port: number): Promise<RedisConnection> {
  const client = new Redis(port, { lazyConnect: true });
  const connection = new RedisConnection({ client, silenceMs: 1_000 });
  onTestFinished(() => connection.close());
  await connection.connect();
  return connection;
}

/** Somebody looks at these: they were not handed over. */
async function findAll(redis: RedisServer, ids: readonly string[]): Promise<void> {
  for (const id of ids) await redis.command('ZADD', due, '0', `${key} ${id}`);
  const connection = await connect(redis.port);
  const found: string[] = [];
  const sweep = new DueSweep({
    ...{ redis: connection, prefix: 'statewire:', logger: silentLogger },
    index: new DueIndex(connection, 'statewire:'),
    use() {},
    isHandedOver: async () => false,
    onFound: (_key, id) => void found.push(id),
  });
  await sweep.look();
  expect(found.sort()).toEqual(ids);
}

it('a node that runs a task is told that it was cancelled, also if nothing was heard when it was', async () => {
  const redis = await startRedis();
  const proxy = await TcpProxy.start(redis.port);
  onTestFinished(() => proxy.close());
  const { store: other } = await openStore(redis.port);
  const node = await startDurable(proxy.port, { run: () => new Promise(() => {}) });
  const cancelled: string[] = [];
  node.store.watch(key, { onCommit() {}, onTasks() {}, onCancel: (id) => cancelled.push(id) });
  await node.store.trackTasks(key, durableStart('work'));
  await node.durable.handOver(key, 'work');
  await until(() => node.ran.length > 0, 'it runs');
  await node.durable.claim(key, 'work');
  proxy.stall('both');
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await other.cancelTask(key, 'work');
  proxy.cut();
  proxy.resume();
  await until(() => cancelled.length > 0, 'it is told');
  expect(new Set(cancelled)).toEqual(new Set(['work']));
});

it('a store without a queue has no durable tasks', async () => {
  expect(redisStore({ url: 'redis://localhost' }).durable).toBeNull();
});
