import { setTimeout as sleep } from 'node:timers/promises';
import { redisStore } from 'statewire/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defineCell } from '../../support/cell.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';

const increment = 'mutation { cellIncrement(token: "T") { version state { n } } }';
const read = '{ cell(token: "T") { n } }';
const watch = `subscription ($since: String) {
  cell(token: "T", since: $since) { version since reset cursor state { n } }
}`;

async function start(
  args: readonly string[] = [],
  leaseMs = 500,
): Promise<{ redis: RedisServer; lab: Lab }> {
  const redis = await RedisServer.start(args);
  // After the server that uses it: what is said last is done first.
  onTestFinished(() => redis.stop());
  const lab = await startLab(() => redisStore({ url: redis.url, leaseMs }), defineCell);
  return { redis, lab };
}

async function readiness({ url }: Lab): Promise<number> {
  return (await fetch(`${url}/readyz`)).status;
}

describe('while Redis is away', () => {
  it('events wait for it, readiness is red, and subscribers stay and go on', async () => {
    const { redis, lab } = await start();
    const subscription = lab.client.subscribe(watch);
    await lab.client.run(increment);
    await redis.kill();
    await until(async () => (await readiness(lab)) === 503, 'it is not ready');
    const waiting = lab.client.run(increment);
    await redis.restart();
    expect(await waiting).toEqual({ version: 2, state: { n: 2 } });
    await until(async () => (await readiness(lab)) === 200, 'it is ready again');
    expect(await lab.client.run(increment)).toEqual({ version: 3, state: { n: 3 } });
    const diffs = await subscription.take(4);
    expect(diffs.map(({ version, since, reset }) => [version, since, reset])).toEqual([
      [0, 0, true],
      [1, 0, false],
      [2, 1, false],
      [3, 2, false],
    ]);
  });

  it('for long, events fail with a typed error, and nothing of them is stored', async () => {
    const { redis, lab } = await start();
    await lab.client.run(increment);
    await redis.kill();
    const { errors } = await lab.client.result(increment);
    // Whether it was sent before the end nobody can know.
    expect(['STORE_UNAVAILABLE', 'STORE_OUTCOME_UNKNOWN']).toContain(
      errors?.[0]?.extensions['code'],
    );
    const { errors: others } = await lab.client.result(
      'mutation { cellIncrement(token: "U") { version } }',
    );
    expect(others?.[0]?.extensions).toEqual({ code: 'STORE_UNAVAILABLE', retryable: true });
    await redis.restart();
    await until(async () => (await readiness(lab)) === 200, 'it is ready again');
    expect((await lab.client.run(increment)).state.n).toBeGreaterThanOrEqual(2);
  });

  it('and what it had is lost, every subscriber gets one reset, and a cursor too', async () => {
    const { redis, lab } = await start(['--appendonly', 'no']);
    const subscription = lab.client.subscribe(watch);
    for (let i = 0; i < 3; i += 1) await lab.client.run(increment);
    const { cursor } = (await subscription.take(4)).at(-1);
    await redis.restart();
    expect(await subscription.next()).toMatchObject({ version: 0, reset: true, state: { n: 0 } });
    expect(await lab.client.run(increment)).toEqual({ version: 1, state: { n: 1 } });
    expect(await subscription.next()).toMatchObject({ version: 1, since: 0, reset: false });
    const resumed = lab.client.subscribe(watch, { since: cursor });
    expect(await resumed.next()).toMatchObject({ version: 1, reset: true, state: { n: 1 } });
  });

  it('and its last commits are lost: a reset, also if others have gone as far again since', async () => {
    const { redis, lab } = await start();
    const replica = await RedisServer.startReplica(redis.port);
    onTestFinished(() => replica.stop());
    const subscription = lab.client.subscribe(watch);
    for (let i = 0; i < 3; i += 1) await lab.client.run(increment);
    await subscription.take(4);
    await until(
      async () => (await replica.replicationOffset()) >= (await redis.replicationOffset()),
      'the replica has them',
    );
    await replica.promote();
    for (let i = 0; i < 2; i += 1) await lab.client.run(increment);
    const { cursor } = (await subscription.take(2)).at(-1);
    // The promoted one, which lacks two commits, takes the old one's place.
    await redis.kill();
    const other = await startLab(() => redisStore({ url: replica.url, leaseMs: 500 }), defineCell);
    for (let i = 0; i < 4; i += 1) await other.client.run(increment);
    const resumed = other.client.subscribe(watch, { since: cursor });
    expect(await resumed.next()).toMatchObject({ version: 7, reset: true, state: { n: 7 } });
  });
});

describe('what Redis does under a running server is not seen by its clients:', () => {
  const troubles: readonly [string, (redis: RedisServer) => Promise<unknown>][] = [
    ['its scripts are flushed', (redis) => redis.command('SCRIPT', 'FLUSH')],
    ['connections are killed', (redis) => redis.command('CLIENT', 'KILL', 'TYPE', 'normal')],
    [
      'the connection that listens is killed',
      (redis) => redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub'),
    ],
    ['it is paused', (redis) => redis.command('CLIENT', 'PAUSE', '500', 'ALL')],
    ['it is restarted', (redis) => redis.restart()],
    [
      'it is busy with a script',
      async (redis) => {
        await redis.command('CONFIG', 'SET', 'busy-reply-threshold', '10');
        await redis.command(
          'EVAL',
          'local t = redis.call("TIME")[1] while redis.call("TIME")[1] - t < 2 do end',
          '0',
        );
      },
    ],
  ];
  for (const [name, trouble] of troubles) {
    it(name, async () => {
      const { redis, lab } = await start([], 5_000);
      const subscription = lab.client.subscribe(watch);
      for (let i = 0; i < 5; i += 1) await lab.client.run(increment);
      const troubled = trouble(redis).catch(() => {});
      for (let i = 0; i < 20; i += 1) await lab.client.run(increment);
      await troubled;
      for (let i = 0; i < 5; i += 1) await lab.client.run(increment);
      const diffs = await subscription.takeUntil(({ version }) => version === 30);
      expect(diffs.slice(1).some(({ reset }) => reset)).toBe(false);
      expect(diffs.slice(1).map(({ since }) => since)).toEqual(
        diffs.slice(0, -1).map(({ version }) => version),
      );
      expect(await lab.client.run(read)).toEqual({ n: 30 });
      expect(lab.failures).toEqual([]);
    });
  }

  it('it has become a replica, until it is a master again', async () => {
    const { redis, lab } = await start();
    await lab.client.run(increment);
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    const waiting = lab.client.run(increment);
    await sleep(200);
    await redis.promote();
    expect(await waiting).toEqual({ version: 2, state: { n: 2 } });
  });

  it('but one without room refuses what is new, and says so', async () => {
    const { redis, lab } = await start();
    await lab.client.run(increment);
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const { errors } = await lab.client.result(increment);
    expect(errors?.[0]?.extensions).toEqual({ code: 'STORE_WRITE_FAILED', retryable: true });
    expect(await lab.client.run(read)).toEqual({ n: 1 });
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await lab.client.run(increment)).toEqual({ version: 2, state: { n: 2 } });
  });
});
