import { describe, expect, it, onTestFinished } from 'vitest';
import { RedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';
import { NodeProcess } from './node-process.ts';

const leaseMs = 1_000;

async function startNodes(): Promise<{ redis: RedisServer; a: NodeProcess; b: NodeProcess }> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const [a, b] = await Promise.all([
    NodeProcess.start(redis.url, leaseMs),
    NodeProcess.start(redis.url, leaseMs),
  ]);
  return { redis, a, b };
}

const increment = 'mutation { cellIncrement(token: "T") { version state { n } } }';
const work = 'mutation { cellWork(token: "T") { id } }';
const read = '{ cell(token: "T") { n notes } }';
const tasks = '{ tasks(token: "T") { id status } }';
const watch = `subscription ($since: String) {
  cell(token: "T", since: $since) { version since reset cursor state { n notes } }
}`;

interface Diff {
  readonly version: number;
  readonly since: number;
  readonly reset: boolean;
}

/** Each follows the one before, and none but the first is a reset. */
function expectChain(diffs: readonly Diff[]): void {
  const later = diffs.slice(1);
  expect(later.filter(({ reset }) => reset)).toEqual([]);
  expect(later.map(({ since }) => since)).toEqual(diffs.slice(0, -1).map(({ version }) => version));
}

describe('two server processes on one Redis', () => {
  it('when one is killed with a lock in its hands the other goes on, and ends its tasks; no subscriber has a gap', async () => {
    const { a, b } = await startNodes();
    const subscription = a.client.subscribe(watch);
    const first = await subscription.next();
    const onA = (await a.client.run(work)).id;
    const onB = (await b.client.run(work)).id;
    const listed = await a.client.run(tasks);
    expect(listed.map(({ id }: { id: string }) => id).sort()).toEqual([onA, onB].sort());
    for (let i = 0; i < 50; i += 1) await b.client.run(increment);
    // It never answers: its lock is held until the end of its process.
    b.client.result('mutation { cellHold(token: "T") { version } }').catch(() => {});
    const diffs = await subscription.takeUntil(({ state }) => state.notes.includes('held'));
    const waiting = a.client.run(increment);
    const killedAt = performance.now();
    await b.kill();
    await waiting;
    // It was renewed a moment before the end, if it was a long one.
    expect(performance.now() - killedAt).toBeLessThan(leaseMs + 100);

    const status = async () =>
      (await a.client.run(tasks)).find(({ id }: { id: string }) => id === onB).status;
    await until(async () => (await status()) === 'LOST', 'the tasks of B are lost');
    await until(async () => (await a.client.run(read)).notes.length > 1, 'their onExit has run');
    expect((await a.client.run(read)).notes).toEqual(['held', `LOST ${onB}`]);

    await a.client.run(`mutation { cancelTask(token: "T", id: "${onA}") { status } }`);
    await until(async () => (await a.client.run(read)).notes.length > 2, 'both have ended');
    const { n } = await a.client.run(read);
    diffs.push(...(await subscription.takeUntil(({ state }) => state.n === n)));
    expectChain([first, ...diffs]);
  });

  it('10 locks that read, wait and write on two nodes lose nothing (23)', async () => {
    const { a, b } = await startNodes();
    const locks = 'mutation { cellLocks(token: "T") { id } }';
    await Promise.all([a.client.run(locks), b.client.run(locks)]);
    await until(async () => (await a.client.run(read)).n === 10, 'all have ended');
    await until(async () => (await b.client.run(read)).n === 10, 'both say so');
  });

  it('a subscriber that moves to the node of the task gets every diff, once (33)', async () => {
    const { a, b } = await startNodes();
    await a.client.run(work);
    const onB = b.client.subscribe(watch);
    const before = await onB.take(20);
    await b.client.close();
    const onA = a.client.subscribe(watch, { since: before.at(-1).cursor });
    const after = await onA.take(20);
    expectChain([...before, ...after]);
    const ns = [...before, ...after].map(({ state }) => state.n);
    expect(ns).toEqual(ns.map((_, index) => index + ns[0]));
  });

  it('one that is paused beyond its lease can write nothing late, and its tasks are ended by the other', async () => {
    const { a, b } = await startNodes();
    const task = (await b.client.run(work)).id;
    b.pause();
    await until(async () => (await a.client.run(read)).notes.length > 0, 'its task was ended');
    const { n } = await a.client.run(read);
    b.resume();
    await until(async () => {
      const [known] = await b.client.run(tasks);
      return known?.status === 'LOST';
    }, 'it knows of it');
    expect(await b.client.run(read)).toEqual({ n, notes: [`LOST ${task}`] });
    expect(await b.client.run(increment)).toMatchObject({ state: { n: n + 1 } });
  });

  it('one that stops leaves its tasks CANCELLED, and its leases to the other at once', async () => {
    const { a, b } = await startNodes();
    const task = (await b.client.run(work)).id;
    await b.client.run(increment);
    await b.stop();
    expect((await a.client.run(read)).notes).toEqual([`CANCELLED ${task}`]);
    const askedAt = performance.now();
    await a.client.run(increment);
    expect(performance.now() - askedAt).toBeLessThan(leaseMs / 2);
  });
});
