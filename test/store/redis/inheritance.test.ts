import { Redis } from 'ioredis';
import type { TokenKey } from 'statewire';
import { expect, it, onTestFinished } from 'vitest';
import { Inheritance } from '../../../src/store/redis/inheritance.ts';
import { tokenKeys } from '../../../src/store/redis/keys.ts';
import { RedisConnection } from '../../../src/store/redis/redis-connection.ts';
import { taskText } from '../../../src/store/redis/task-text.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { record } from './task-record.ts';

const parties = { gone: 'gone', heir: 'heir', patient: true };

function keysOf(key: TokenKey) {
  return tokenKeys('statewire:', key);
}

it('what is taken over is told of once, also if Redis was not heard at first', async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const proxy = await TcpProxy.start(redis.port);
  onTestFinished(() => proxy.close());
  const client = new Redis(proxy.port, { lazyConnect: true });
  const connection = new RedisConnection({ client, silenceMs: 300 });
  onTestFinished(() => connection.close());
  await connection.connect();

  const told: unknown[] = [];
  const held = new Map<TokenKey, number>();
  const count = (key: TokenKey, more: number) => held.set(key, (held.get(key) ?? 0) + more);
  const registry = {
    id: 'heir',
    hold: async (key: TokenKey, more: number) => {
      count(key, more);
      return 'heir';
    },
    letGo: (key: TokenKey, less: number) => void count(key, -less),
  };
  const inheritance = new Inheritance(
    { redis: connection, prefix: 'statewire:', registry },
    {
      logger: silentLogger,
      onInherit: (_key, { tasks, watched }) =>
        told.push([tasks.map(({ record: { id } }) => id), watched]),
      onDisowned() {},
    },
  );

  const leave = async (key: TokenKey) => {
    const task = record(`task of ${key}`);
    const { tasks, present } = keysOf(key);
    await redis.command('HSET', tasks, task.id, taskText('gone', task));
    await redis.command('HSET', tasks, 'another', taskText('other', record('another')));
    await redis.command('HSET', present, 'Cell gone', '', 'Cell other', '');
    return task.id;
  };
  // So that the script is known, and one step of Redis is all that there is to do.
  const [first, second] = [hashToken('first'), hashToken('second')];
  const firstTask = await leave(first);
  await inheritance.take(first, parties);
  expect(told).toEqual([[[firstTask], ['Cell']]]);

  const secondTask = await leave(second);
  proxy.stall('replies');
  const taking = inheritance.take(second, parties);
  const { tasks, present } = keysOf(second);
  await until(
    async () => String(await redis.command('HGET', tasks, secondTask)).startsWith('heir '),
    'it is moved',
  );
  // Longer than a command may take.
  await until(async () => connection.client.status !== 'ready', 'its connection is given up');
  expect(told).toHaveLength(1);
  proxy.cut();
  proxy.resume();
  await taking;
  expect(told).toEqual([
    [[firstTask], ['Cell']],
    [[secondTask], ['Cell']],
  ]);
  expect(await redis.command('HKEYS', present)).toEqual(['Cell other', 'Cell heir']);
  expect([...held.values()]).toEqual([2, 2]);

  await inheritance.take(second, parties);
  expect(told).toHaveLength(2);
  expect([...held.values()]).toEqual([2, 2]);
});
