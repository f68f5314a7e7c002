import { Cluster } from 'ioredis';
import { bullmq } from 'statewire/bullmq';
import { redisStore } from 'statewire/redis';
import { expect, it, onTestFinished } from 'vitest';
import { emptySnapshot } from '../../../src/state/snapshot.ts';
import type { DurableTasks } from '../../../src/store/durable-tasks.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { defineCell } from '../../support/cell.ts';
import { startLab } from '../../support/lab.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { until } from '../../support/until.ts';
import { commitNumber } from './numbered-commit.ts';
import { durableRecord, durableStart, endOf } from './task-record.ts';

const slots = 16_384;

/** A Redis Cluster of masters alone. */
async function startCluster(size: number): Promise<RedisServer[]> {
  const servers = await Promise.all(
    Array.from({ length: size }, () =>
      RedisServer.start(['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']),
    ),
  );
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  const [first] = servers as [RedisServer];
  for (const [index, server] of servers.entries()) {
    const from = Math.ceil((slots * index) / size);
    const to = Math.ceil((slots * (index + 1)) / size) - 1;
    await server.command('CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to}`);
    if (server !== first) await server.command('CLUSTER', 'MEET', '127.0.0.1', `${first.port}`);
  }
  for (const server of servers) {
    await until(
      async () => String(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok'),
      'the cluster is ready',
    );
    await until(
      async () =>
        String(await server.command('CLUSTER', 'NODES'))
          .trim()
          .split('\n').length === size,
      'all know of each other',
    );
  }
  return servers;
}

const increment = 'mutation ($token: ID!) { cellIncrement(token: $token) { version state { n } } }';
const watch = `subscription ($token: ID!) {
  cell(token: $token) { version since reset state { n } }
}`;

it('a Redis Cluster keeps tokens on all its nodes: events on two servers, diffs, tasks, snapshots', async () => {
  const servers = await startCluster(3);
  const client = new Cluster(
    servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    // What is its user's own is not the store's.
    { lazyConnect: true, keyPrefix: 'theirs:', scaleReads: 'slave' },
  );
  const define = (builder: Parameters<typeof defineCell>[0]) => {
    const Cell = defineCell(builder);
    Cell.background('work', {
      onExit: (s, { outcome }) => {
        s.lines.push(outcome);
      },
    }).resolve(async (self) => {
      await self.modifyState((s) => {
        s.n += 1;
      });
    });
  };
  const [a, b] = [
    await startLab(() => redisStore({ client, leaseMs: 1_000 }), define),
    await startLab(() => redisStore({ client, leaseMs: 1_000 }), define),
  ];
  const tokens = Array.from({ length: 12 }, (_, index) => `T${index}`);
  await Promise.all(
    tokens.map(async (token) => {
      const subscription = a.client.subscribe(watch, { token });
      await subscription.next();
      for (let i = 0; i < 100; i += 1) {
        await a.client.run(increment, { token });
        await b.client.run(increment, { token });
        await b.client.run(increment, { token });
      }
      await b.client.run('mutation ($token: ID!) { cellWork(token: $token) { id } }', { token });
      const diffs = await subscription.takeUntil(({ state }) => state.n === 301);
      expect(diffs.map(({ since }) => since)).toEqual(diffs.map(({ version }) => version - 1));
      const read = 'query ($token: ID!) { cell(token: $token) { n lines } }';
      await until(
        async () => (await a.client.run(read, { token })).lines.length === 1,
        'the task has ended',
      );
      expect(await a.client.run(read, { token })).toEqual({ n: 301, lines: ['SUCCEEDED'] });
    }),
  );
  // All of them have some, and no log is without end.
  for (const server of servers) {
    const keys = (await server.command('KEYS', '*:log')) as string[];
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(await server.command('XLEN', key)).toBeLessThan(150);
    }
  }
  expect(a.failures.concat(b.failures)).toEqual([]);
  // The store's connections are its own.
  expect(client.status).toBe('wait');
});

it('a Redis Cluster keeps durable tasks and their queue, wherever their tokens are', async () => {
  const servers = await startCluster(3);
  const client = new Cluster(
    servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    { lazyConnect: true, keyPrefix: 'theirs:' },
  );
  const store = redisStore({ client, leaseMs: 1_000, queue: bullmq() });
  onTestFinished(() => store.close());
  await store.open({ logger: silentLogger, onInherit() {}, onDisowned() {} });
  const durable = store.durable as DurableTasks;
  const ended: string[] = [];
  await durable.start({
    async run(key, id) {
      const claimed = await durable.claim(key, id);
      if (!claimed) return null;
      // The first attempt gives up.
      const { attempt } = claimed.task.record;
      if (attempt === 1) return 20;
      const lease = await store.acquire(key, emptySnapshot, () => {});
      const tasks = { ended: [endOf(durableRecord(id, attempt))] };
      await commitNumber(lease, 1, { task: id, attempt, tasks });
      await lease.release();
      ended.push(id);
      return null;
    },
    onFound() {},
  });
  const ids = Array.from({ length: 12 }, (_, index) => `work-${index}`);
  for (const id of ids) {
    const key = hashToken(id);
    await store.trackTasks(key, durableStart(id));
    await durable.handOver(key, id);
  }
  await until(() => ended.length === ids.length, 'all have ended');
  expect(ended.sort()).toEqual([...ids].sort());
  for (const id of ids) expect(await durable.withdraw(hashToken(id), id)).toBe(true);
});
