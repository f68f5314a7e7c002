import { setTimeout as timer } from 'node:timers/promises';
import { bullmq } from 'statewire/bullmq';
import { redisStore } from 'statewire/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { block } from '../../durable/block.ts';
import { Deferred } from '../../support/deferred.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';
import { openDurable, startDurable } from './open-durable.ts';
import { durableStart } from './task-record.ts';

const token = 'a token that nobody may read';
const key = hashToken(token);
const jobs = 'statewire:{jobs}:tasks';

async function startRedis(): Promise<RedisServer> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  return redis;
}

/** The ids of jobs that are there, of whatever state. */
async function jobIds(redis: RedisServer): Promise<string[]> {
  const names = (await redis.command('KEYS', `${jobs}:*`)) as string[];
  const others = /:(wait|active|delayed|marker|meta|id|events|stalled|stalled-check|.*:lock)$/;
  return names.filter((name) => !others.test(name)).map((name) => name.slice(jobs.length + 1));
}

describe('bullmq', () => {
  it('refuses options that make no sense', () => {
    const url = 'redis://localhost';
    const bad: [() => unknown, RegExp][] = [
      [() => bullmq({ concurrency: 0 }), /Expected concurrency to be a whole number from 1, got 0/],
      [() => bullmq({ concurrency: 1.5 }), /Expected concurrency to be a whole number/],
      [() => bullmq({ concurrency: '5' as never }), /Expected concurrency to be a whole number/],
      [() => bullmq({ worker: 'no' as never }), /Expected worker to be true or false, got "no"/],
      [() => redisStore({ url, queue: bullmq as never }), /Expected queue to be what bullmq/],
      [() => redisStore({ url, queue: null as never }), /Expected queue to be what bullmq/],
    ];
    for (const [make, message] of bad) {
      expect(make).toThrow(TypeError);
      expect(make).toThrow(message);
    }
  });

  it('is of one store', async () => {
    const redis = await startRedis();
    const queue = bullmq();
    await startDurable(redis.port, { queue });
    await expect(startDurable(redis.port, { queue })).rejects.toThrow(/call bullmq twice/);
  });
});

describe('a task that is handed over', () => {
  it('is run once, by one of the nodes, and leaves no job', async () => {
    const redis = await startRedis();
    const nodes = [await startDurable(redis.port), await startDurable(redis.port)] as const;
    const ids = Array.from({ length: 20 }, (_, index) => `task-${index}`);
    await Promise.all(ids.map((id) => nodes[0].durable.handOver(key, id)));
    const ran = () => nodes.flatMap((node) => node.ran);
    await until(() => ran().length >= ids.length, 'all have run');
    await until(async () => (await jobIds(redis)).length === 0, 'no job is left');
    expect(ran().sort()).toEqual([...ids].sort());
    // A second time, it has ended.
    await nodes[1].durable.handOver(key, 'task-0');
    await until(() => ran().length > ids.length, 'it is run again');
  });

  it('has one job, however often it is handed over, that tells nothing of its token', async () => {
    const redis = await startRedis();
    const { durable } = await startDurable(redis.port, { queue: bullmq({ worker: false }) });
    await durable.handOver(key, 'work');
    await durable.handOver(key, 'work');
    expect(await jobIds(redis)).toEqual(['work']);
    expect(await redis.command('LRANGE', `${jobs}:wait`, '0', '-1')).toEqual(['work']);
    const job = await redis.command('HGETALL', `${jobs}:work`);
    expect(JSON.stringify(job)).not.toContain(token);
    const data = await redis.command('HGET', `${jobs}:work`, 'data');
    expect(JSON.parse(String(data))).toEqual({ key });
  });

  it('is run again after the time that it says, or at once', async () => {
    const redis = await startRedis();
    const times: number[] = [];
    const { durable } = await startDurable(redis.port, {
      run: async () => {
        times.push(performance.now());
        return [300, 0, null][times.length - 1] ?? null;
      },
    });
    await durable.handOver(key, 'work');
    await until(async () => times.length === 3 && (await jobIds(redis)).length === 0, 'it is over');
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(298);
    expect(second - first).toBeLessThan(2_000);
    expect(third - second).toBeLessThan(1_000);
  });

  it('may be taken back until somebody runs it', async () => {
    const redis = await startRedis();
    const web = await startDurable(redis.port, { queue: bullmq({ worker: false }) });
    await web.durable.handOver(key, 'work');
    expect(await web.durable.withdraw(key, 'work')).toBe(true);
    expect(await web.durable.withdraw(key, 'nobody’s')).toBe(true);
    expect(await jobIds(redis)).toEqual([]);

    const running = new Deferred();
    const worker = await startDurable(redis.port, {
      run: async () => {
        await running.promise;
        return null;
      },
    });
    await web.durable.handOver(key, 'work');
    await until(() => worker.ran.length > 0, 'it runs');
    expect(await web.durable.withdraw(key, 'work')).toBe(false);
    running.resolve();
    await until(() => web.durable.withdraw(key, 'work'), 'it has ended');
    expect(worker.ran).toEqual(['work']);
  });

  it('is run by no process without a worker', async () => {
    const redis = await startRedis();
    const web = await startDurable(redis.port, { queue: bullmq({ worker: false }) });
    await web.durable.handOver(key, 'work');
    const worker = await startDurable(redis.port);
    await until(() => worker.ran.length > 0, 'it is run');
    expect(web.ran).toEqual([]);
  });

  it('is run by as many at once as there may be', async () => {
    const redis = await startRedis();
    const running = new Deferred();
    const { durable, ran } = await startDurable(redis.port, {
      queue: bullmq({ concurrency: 2 }),
      run: async () => {
        await running.promise;
        return null;
      },
    });
    for (const id of ['a', 'b', 'c']) await durable.handOver(key, id);
    await until(() => ran.length === 2, 'two run');
    await timer(100);
    expect(ran.length).toBe(2);
    running.resolve();
    await until(() => ran.length === 3, 'all have run');
  });

  it('is run again by another process, once, if its own does nothing for long', async () => {
    const redis = await startRedis();
    const leaseMs = 300;
    const first = await startDurable(redis.port, { leaseMs, run: () => new Promise(() => {}) });
    await first.durable.handOver(key, 'work');
    await until(() => first.ran.length > 0, 'it runs');
    // Its node is gone with it.
    await first.store.close();
    const second = await startDurable(redis.port, { leaseMs });
    await until(() => second.ran.length > 0, 'it is run again');
    await until(async () => (await jobIds(redis)).length === 0, 'it is over');
    expect(second.ran).toEqual(['work']);
  });

  it('stays with its later run in the same process, when the first one ends', async () => {
    const redis = await startRedis();
    const leaseMs = 250;
    const runs = [new Deferred<null>(), new Deferred<null>()];
    let begun = 0;
    const { durable, ran } = await startDurable(redis.port, {
      leaseMs,
      run: () => runs[begun++]?.promise ?? Promise.resolve(null),
    });
    await durable.handOver(key, 'work');
    // Those that run are looked at once before they can be missed.
    await until(
      async () => (await redis.command('SISMEMBER', `${jobs}:stalled`, 'work')) === 1,
      'it runs, and was looked at',
    );
    block(3 * leaseMs);
    await until(() => begun === 2, 'it is taken for gone, and run again');
    runs[0]?.resolve(null);
    await timer(4 * leaseMs);
    expect(ran).toEqual(['work', 'work']);
    expect(await jobIds(redis)).toEqual(['work']);
    expect(await redis.command('EXISTS', `${jobs}:work:lock`)).toBe(1);
    runs[1]?.resolve(null);
    await until(async () => (await jobIds(redis)).length === 0, 'it is over');
    expect(ran).toEqual(['work', 'work']);
  });
});

describe('a node that is paused', () => {
  it('runs nothing new, and what it was to run is others’; what runs goes on', async () => {
    const redis = await startRedis();
    const running = new Deferred<null>();
    const first = await startDurable(redis.port, { run: () => running.promise });
    await first.durable.handOver(key, 'running');
    await until(() => first.ran.length > 0, 'it runs');
    // It waits for the next one by then.
    await timer(50);
    await first.durable.pause();
    await first.durable.handOver(key, 'new');
    await timer(300);
    expect(first.ran).toEqual(['running']);
    const second = await startDurable(redis.port);
    await until(() => second.ran.length > 0, 'another runs it');
    expect(second.ran).toEqual(['new']);
    running.resolve(null);
    await until(async () => (await jobIds(redis)).length === 0, 'both are over');
    expect(first.ran).toEqual(['running']);
  });

  it('gives back at once what must run elsewhere, and closes', async () => {
    const redis = await startRedis();
    const running = new Deferred<number>();
    const first = await startDurable(redis.port, { run: () => running.promise });
    await first.durable.handOver(key, 'work');
    await until(() => first.ran.length > 0, 'it runs');
    await first.durable.pause();
    running.resolve(0);
    const closedAt = performance.now();
    await first.store.close();
    expect(performance.now() - closedAt).toBeLessThan(1_000);
    const second = await startDurable(redis.port);
    // A worker that misses what it is told of asks again after 2 s; one that is silent is seen after 5.
    await until(() => second.ran.length > 0, 'another runs it', 4_500);
    expect(first.ran).toEqual(['work']);
  });

  it('says the end of what has ended before it closes', async () => {
    const redis = await startRedis();
    const running = new Deferred<null>();
    const node = await startDurable(redis.port, { run: () => running.promise });
    await node.durable.handOver(key, 'work');
    await until(() => node.ran.length > 0, 'it runs');
    setTimeout(() => running.resolve(null), 50);
    await node.store.close();
    expect(await jobIds(redis)).toEqual([]);
  });
});

it('a task whose node is gone before it was handed over is found within ten seconds, and has one job', async () => {
  const redis = await startRedis();
  const gone = await openDurable(redis.port);
  const startedAt = performance.now();
  await gone.store.trackTasks(key, durableStart('work'));
  await gone.store.close();
  const queue = () => bullmq({ worker: false });
  const nodes = [
    await startDurable(redis.port, { queue: queue() }),
    await startDurable(redis.port, { queue: queue() }),
  ];
  const found = () => nodes.flatMap((node) => node.found);
  await until(() => found().length > 0, 'it is found');
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(found()).toEqual([[key, 'work']]);
  for (const { durable } of nodes) await durable.handOver(key, 'work');
  expect(await jobIds(redis)).toEqual(['work']);
}, 20_000);

it('what cannot be asked of Redis fails in time, and is asked again when it is back', async () => {
  const redis = await startRedis();
  const { durable, ran } = await startDurable(redis.port, { leaseMs: 300 });
  await durable.handOver(key, 'first');
  await until(() => ran.length === 1, 'it is run');
  redis.pause();
  await expect(durable.handOver(key, 'lost')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  redis.resume();
  await until(
    () =>
      durable.handOver(key, 'second').then(
        () => true,
        () => false,
      ),
    'Redis answers',
  );
  await until(() => ran.includes('second'), 'it is run');
});
