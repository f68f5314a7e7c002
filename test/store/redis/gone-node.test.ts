import { type StateStore, StoreOutcomeError, TaskLostError } from 'statewire';
import { redisStore } from 'statewire/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { TcpProxy } from '../../chaos/proxy.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { until } from '../../support/until.ts';

const leaseMs = 300;
const key = hashToken('T');

function record(id: string) {
  return { id, state: 'Cell', event: 'work', startedAt: 0, context: null };
}

/** A store behind a proxy, and the ids of the tasks that it was told are lost. */
async function openStore(port: number): Promise<{ store: StateStore; inherited: string[] }> {
  const store = redisStore({ url: `redis://127.0.0.1:${port}`, leaseMs });
  onTestFinished(() => store.close());
  const inherited: string[] = [];
  await store.open({
    logger: silentLogger,
    onInherit: (_key, { tasks }) => inherited.push(...tasks.map(({ id }) => id)),
    onDisowned() {},
  });
  return { store, inherited };
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
  const { store: slow, inherited: lost } = await openStore(proxy.port);
  await slow.trackTasks(key, { started: [record('first')], ended: [] });
  return { redis, proxy, slow, lost };
}

describe('a start whose answer is lost', () => {
  it('does not bring a task back that an heir has ended, when it is sent again', async () => {
    const { redis, proxy, slow } = await start();
    const { store: heir, inherited } = await openStore(redis.port);
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
  const { store: node } = await openStore(redis.port);
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
