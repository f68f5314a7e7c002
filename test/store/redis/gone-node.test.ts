import { type StateStore, StoreOutcomeError, TaskLostError } from 'statewire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { openStore } from './open-store.ts';

const leaseMs = 300;
const key = hashToken('T');

function record(id: string) {
  return { id, state: 'Cell', event: 'work', startedAt: 0, context: null };
}

async function start(): Promise<{
  redis: RedisServer;
  proxy: TcpProxy;
  slow: StateStore;
  lost: string[];
}> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const proxy = await TcpProxy.start(redis.port);
  onTestFinished(() => proxy.close());
  const { store: slow, lost } = await openStore(proxy.port, leaseMs);
  await slow.trackTasks(key, { started: [record('first')], ended: [] });
  return { redis, proxy, slow, lost };
}

describe('a start whose answer is lost', () => {
  it('does not bring a task back that an heir has ended, when it is sent again', async () => {
    const { redis, proxy, slow } = await start();
    const { store: heir, lost: inherited } = await openStore(redis.port, leaseMs);
    proxy.stall('replies');
    const starting = slow.trackTasks(key, { started: [record('second')], ended: [] });
    starting.catch(() => {});
    await until(async () => (await heir.listTasks(key)).length === 2, 'both are on record');
    proxy.stall('both');
    await until(() => inherited.length === 2, 'its node is taken for gone');
    await heir.trackTasks(key, { started: [], ended: inherited });
    proxy.cut();
    proxy.resume();
    await expect(starting).rejects.toThrow(TaskLostError);
    expect(await heir.listTasks(key)).toEqual([]);
    // It is another node now, and starts what it likes.
    await until(
      () =>
        slow.trackTasks(key, { started: [record('third')], ended: [] }).then(
          () => true,
          () => false,
        ),
      'it came back',
    );
    expect((await heir.listTasks(key)).map(({ id }) => id)).toEqual(['third']);
  });

  it('for longer than a command may take leaves a task that is lost, as soon as Redis answers', async () => {
    const { proxy, slow, lost } = await start();
    proxy.stall('replies');
    const starting = slow.trackTasks(key, { started: [record('second')], ended: [] });
    await expect(starting).rejects.toThrow(StoreOutcomeError);
    expect(lost).toEqual([]);
    proxy.cut();
    proxy.resume();
    await until(() => lost.length > 0, 'it is lost');
    expect(lost).toEqual(['second']);
    // It is for whoever was told to end it.
    const listed = await slow.listTasks(key);
    expect(listed.map(({ id }) => id).sort()).toEqual(['first', 'second']);
  });
});

it('a token is looked at for a task that runs, however often another of it was said to have ended', async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const { store: node } = await openStore(redis.port, leaseMs);
  const other = hashToken('other');
  await node.trackTasks(key, { started: [record('first'), record('second')], ended: [] });
  await node.trackTasks(other, { started: [record('third')], ended: [] });
  for (let i = 0; i < 3; i += 1) await node.trackTasks(key, { started: [], ended: ['first'] });
  await node.trackTasks(other, { started: [], ended: ['third'] });
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
