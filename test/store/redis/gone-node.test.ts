import { type StateStore, StoreOutcomeError, TaskLostError } from 'statewire';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StoredTask } from '../../../src/store/stored-task.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { openStore } from './open-store.ts';
import { endOf, record } from './task-record.ts';

const leaseMs = 300;
const key = hashToken('T');

async function listed(store: StateStore): Promise<string[]> {
  return (await store.listTasks(key)).map((task) => task.record.id).sort();
}

async function start(): Promise<{
  redis: RedisServer;
  proxy: TcpProxy;
  slow: StateStore;
  inherited: StoredTask[];
}> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const proxy = await TcpProxy.start(redis.port);
  onTestFinished(() => proxy.close());
  const { store: slow, inherited } = await openStore(proxy.port, leaseMs);
  await slow.trackTasks(key, { started: [record('first')], ended: [] });
  return { redis, proxy, slow, inherited };
}

describe('a start whose answer is lost', () => {
  it('does not bring a task back that an heir has ended, when it is sent again', async () => {
    const { redis, proxy, slow } = await start();
    const { store: heir, inherited } = await openStore(redis.port, leaseMs);
    proxy.stall('replies');
    const starting = slow.trackTasks(key, { started: [record('second')], ended: [] });
    starting.catch(() => {});
    await until(async () => (await listed(heir)).length === 2, 'both are on record');
    proxy.stall('both');
    await until(() => inherited.length === 2, 'its node is taken for gone');
    await heir.trackTasks(key, { started: [], ended: inherited.map((task) => endOf(task.record)) });
    proxy.cut();
    proxy.resume();
    await expect(starting).rejects.toThrow(TaskLostError);
    expect(await listed(heir)).toEqual([]);
    // It is another node now, and starts what it likes.
    await until(
      () =>
        slow.trackTasks(key, { started: [record('third')], ended: [] }).then(
          () => true,
          () => false,
        ),
      'it came back',
    );
    expect(await listed(heir)).toEqual(['third']);
  });

  it('for longer than a command may take leaves a task that is lost, as soon as Redis answers', async () => {
    const { proxy, slow, inherited } = await start();
    proxy.stall('replies');
    const starting = slow.trackTasks(key, { started: [record('second')], ended: [] });
    await expect(starting).rejects.toThrow(StoreOutcomeError);
    expect(inherited).toEqual([]);
    proxy.cut();
    proxy.resume();
    await until(() => inherited.length > 0, 'it is lost');
    expect(inherited.map((task) => task.record.id)).toEqual(['second']);
    // It is for whoever was told to end it.
    expect(await listed(slow)).toEqual(['first', 'second']);
  });
});

it('a token is looked at for a task that runs, however often another of it was said to have ended', async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const { store: node } = await openStore(redis.port, leaseMs);
  const other = hashToken('other');
  await node.trackTasks(key, { started: [record('first'), record('second')], ended: [] });
  await node.trackTasks(other, { started: [record('third')], ended: [] });
  const end = (id: string) => ({ started: [], ended: [endOf(record(id))] });
  for (let i = 0; i < 3; i += 1) await node.trackTasks(key, end('first'));
  await node.trackTasks(other, end('third'));
  const announced = async () => {
    const [name = ''] = (await redis.command('KEYS', '*:tokens')) as string[];
    return (await redis.command('SMEMBERS', name)) as string[];
  };
  await until(
    async () => !(await announced()).includes(other),
    'what is over is announced no more',
  );
  expect(await announced()).toEqual([key]);
});
