import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import type { StateStore } from 'statewire';
import { redisStore } from 'statewire/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { defineCell } from '../../support/cell.ts';
import { freePort } from '../../support/free-port.ts';
import { startLab } from '../../support/lab.ts';
import { RedisServer } from '../../support/redis-server.ts';

async function startRedis(...args: readonly string[]): Promise<RedisServer> {
  const redis = await RedisServer.start(args);
  onTestFinished(() => redis.stop());
  return redis;
}

function open(store: StateStore, warnings: string[] = []): Promise<void> {
  onTestFinished(() => store.close());
  const logger = {
    debug() {},
    info() {},
    warn: (_: object, text: string) => warnings.push(text),
    error() {},
  };
  return store.open({ logger, onInherit() {}, onDisowned() {} });
}

describe('redisStore', () => {
  it('refuses options that make no sense', () => {
    const url = 'redis://localhost';
    const bad: [unknown, RegExp][] = [
      [{}, /Expected url to begin with redis/],
      [{ url: 'localhost:6379' }, /Expected url to begin with redis/],
      [{ url: 'http://localhost' }, /Expected url to begin with redis/],
      [{ url, prefix: 7 }, /Expected prefix to be a string without braces/],
      [{ url, prefix: 'a{b}' }, /Expected prefix to be a string without braces/],
      [{ url, leaseMs: 0 }, /Expected leaseMs to be a whole number from 100/],
      [{ url, leaseMs: Number.NaN }, /Expected leaseMs to be a whole number from 100/],
      [{ url, leaseMs: 333.3 }, /Expected leaseMs to be a whole number from 100/],
      [{ url, leaseMs: '500' }, /Expected leaseMs to be a whole number from 100/],
    ];
    for (const [options, message] of bad) {
      expect(() => redisStore(options as never)).toThrow(TypeError);
      expect(() => redisStore(options as never)).toThrow(message);
    }
  });

  it('says that nobody is there', async () => {
    const store = redisStore({ url: `redis://127.0.0.1:${await freePort()}`, leaseMs: 200 });
    await expect(open(store)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(store.available).toBe(false);
  });

  it('refuses wrong credentials at once, and does not tell them', async () => {
    const { port } = await startRedis('--requirepass', 'right');
    for (const url of [`redis://:wrong@127.0.0.1:${port}`, `redis://127.0.0.1:${port}`]) {
      const startedAt = performance.now();
      const error = await open(redisStore({ url })).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'STORE_OPEN_FAILED',
        message: expect.stringMatching(
          new RegExp(`Cannot open the store at 127.0.0.1:${port}: it refuses these credentials`),
        ),
      });
      expect((error as Error).message).not.toContain('wrong@');
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }
    await open(redisStore({ url: `redis://:right@127.0.0.1:${port}` }));
  });

  it('refuses one that evicts keys, and warns of one without an append-only file', async () => {
    const evicting = await startRedis('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    await expect(open(redisStore({ url: evicting.url }))).rejects.toMatchObject({
      code: 'STORE_OPEN_FAILED',
      message: expect.stringContaining('its maxmemory-policy is allkeys-lru'),
    });
    const forgetful = await startRedis('--appendonly', 'no');
    const warnings: string[] = [];
    await open(redisStore({ url: forgetful.url }), warnings);
    expect(warnings).toEqual([expect.stringContaining('no append-only file')]);
    await open(redisStore({ url: (await startRedis()).url }), warnings);
    expect(warnings).toHaveLength(1);
  });

  it('refuses one that is too old', async () => {
    // What a Redis 6.2 would say of itself; there is none to install here.
    const info = '# Server\r\nredis_version:6.2.14\r\nloading:0\r\n';
    const old = createServer((socket) => {
      socket.on('data', (data) => {
        const asked = [...data.toString().matchAll(/\r\n(INFO|PING|HELLO|CLIENT)\r\n/gi)];
        for (const [, name] of asked) {
          const isInfo = name?.toUpperCase() === 'INFO';
          socket.write(isInfo ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
        }
      });
      socket.on('error', () => {});
    });
    const port = await freePort();
    await new Promise<void>((resolve) => old.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void old.close());
    const client = new Redis(port, '127.0.0.1', { lazyConnect: true, protocol: 2 });
    await expect(open(redisStore({ client }))).rejects.toMatchObject({
      code: 'STORE_OPEN_FAILED',
      message: expect.stringContaining('it is Redis 6.2.14, older than 7'),
    });
  });

  it('a server does not start on one that it refuses', async () => {
    const { url } = await startRedis('--maxmemory-policy', 'allkeys-lru');
    await expect(startLab(() => redisStore({ url }), defineCell)).rejects.toMatchObject({
      code: 'STORE_OPEN_FAILED',
    });
  });
});

const key = hashToken('T');
const increment = 'mutation { cellIncrement(token: "T") { version state { n } } }';
const watch = `subscription ($since: String) {
  cell(token: "T", since: $since) { version reset cursor state { n } }
}`;

describe('garbage in the keys of a token', () => {
  const name = (what: string) => `statewire:{${key}}:${what}`;
  const garbage: [string, (redis: Redis) => Promise<unknown>][] = [
    ['another kind of head', (redis) => redis.set(name('head'), 'x')],
    ['a version that is none', (redis) => redis.hset(name('head'), 'version', 'x')],
    ['a version that is negative', (redis) => redis.hset(name('head'), 'version', '-3')],
    ['another kind of log', (redis) => redis.set(name('log'), 'x')],
    ['an entry of others', (redis) => redis.xadd(name('log'), '99-0', 'a', 'b')],
    ['a log with a hole', (redis) => redis.xdel(name('log'), '2-0')],
    ['no log', (redis) => redis.del(name('log'))],
    ['another kind of snapshot', (redis) => redis.set(name('snapshot'), 'x')],
    ['a snapshot of others', (redis) => redis.hset(name('snapshot'), '0', 'x')],
    ['another kind of tasks', (redis) => redis.set(name('tasks'), 'x')],
    ['a task of others', (redis) => redis.hset(name('tasks'), 'x', 'y')],
    ['another kind of ended', (redis) => redis.set(name('ended'), 'x')],
    ['an ended task of others', (redis) => redis.zadd(name('ended'), '+inf', 'x')],
  ];
  for (const [what, put] of garbage) {
    it(`is its own trouble, or none at all: ${what}`, async () => {
      const { url } = await startRedis();
      const first = await startLab(() => redisStore({ url }), defineCell);
      for (let i = 0; i < 3; i += 1) await first.client.run(increment);
      await first.server.close();
      const redis = new Redis(url);
      onTestFinished(() => redis.disconnect());
      await redis.del(what.startsWith('another kind') ? name(what.split(' ').at(-1) ?? '') : '-');
      await put(redis);

      const { client, failures } = await startLab(() => redisStore({ url }), defineCell);
      const { data, errors } = await client.result(increment);
      if (errors) expect(errors[0]?.extensions?.['code']).toBe('STORE_CORRUPTED');
      else expect(data).toEqual({ cellIncrement: { version: 4, state: { n: 4 } } });
      const { errors: others } = await client.result('{ tasks(token: "T") { id } }');
      for (const { extensions } of others ?? [])
        expect(extensions?.['code']).toBe('STORE_CORRUPTED');
      expect(await client.run('mutation { cellIncrement(token: "U") { version } }')).toEqual({
        version: 1,
      });
      for (const { error } of failures) expect(error).toMatchObject({ code: 'STORE_CORRUPTED' });
    });
  }

  it('in those of nodes stops nobody', async () => {
    const { url } = await startRedis();
    const redis = new Redis(url);
    onTestFinished(() => redis.disconnect());
    await redis.zadd('statewire:{nodes}:gone', 0, 'x');
    await redis.sadd('statewire:{node x}:tokens', 'y', key);
    await redis.hset(name('tasks'), 'z', 'x garbage');
    const { client } = await startLab(() => redisStore({ url }), defineCell);
    expect(await client.run(increment)).toMatchObject({ version: 1 });
  });
});

describe('a cursor', () => {
  it('that is forged, negative, huge or of a log that is gone is refused, or gives one reset', async () => {
    const { url } = await startRedis();
    const { client } = await startLab(() => redisStore({ url }), defineCell);
    const first = await client.subscribe(watch).next();
    for (let i = 0; i < 400; i += 1) await client.run(increment);
    const { cursor } = await client.subscribe(watch).next();
    const forged = (version: string) => `${cursor.slice(0, cursor.lastIndexOf('.'))}.${version}`;
    for (const since of [forged('-1'), forged('1e3'), 'x', '', `${cursor}${'A'.repeat(300)}`]) {
      const result = await client.subscribe(watch, { since }).nextResult();
      expect(result?.errors?.[0]?.extensions['code']).toBe('INVALID_CURSOR');
    }
    // On a node that has seen nothing of it.
    const other = await startLab(() => redisStore({ url }), defineCell);
    const bad = [forged('399'), forged('7'), forged('9999999999999999'), first.cursor];
    for (const since of bad) {
      const subscription = other.client.subscribe(watch, { since });
      const reset = { version: 400, reset: true, state: { n: 400 } };
      expect(await subscription.next()).toMatchObject(reset);
      await subscription.close();
    }
    const resumed = other.client.subscribe(watch, { since: cursor });
    await client.run(increment);
    expect(await resumed.next()).toMatchObject({ version: 401, reset: false });
  });
});
