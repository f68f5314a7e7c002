import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/time/clock.ts';
import { settledWithin } from '../../../src/time/settled-within.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';
import { CancelNode } from './cancel-node.ts';

interface Nodes {
  readonly owner: CancelNode;
  readonly other: CancelNode;
}

async function startNodes(leaseMs = 5_000): Promise<Nodes> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const [owner, other] = await Promise.all([
    CancelNode.start(redis.url, leaseMs),
    CancelNode.start(redis.url, leaseMs),
  ]);
  return { owner, other };
}

/** Asks again and again, until an answer does not come: then the process is blocked. */
async function unansweredBy(node: CancelNode): Promise<{ readonly came: boolean }> {
  for (;;) {
    const answer = { came: false };
    const coming = node.sights().then(() => {
      answer.came = true;
    });
    await settledWithin(coming, { clock: systemClock, ms: 250 });
    if (!answer.came) return answer;
  }
}

const increment = 'mutation { jobIncrement(token: "T") { version } }';

describe('a task that another process cancels', () => {
  it('is told of it within a second', async () => {
    const { owner, other } = await startNodes();
    const waits: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const task = await owner.startTask('listen');
      await until(async () => (await owner.sights()).began.includes(task), 'it runs');
      // Of the same machine's clock in both processes.
      const askedAt = Date.now();
      expect(await other.cancel(task)).toBe('CANCELLED');
      await until(async () => task in (await owner.sights()).abortedAt, 'its signal has aborted');
      const { abortedAt } = await owner.sights();
      waits.push((abortedAt[task] ?? Number.POSITIVE_INFINITY) - askedAt);
    }
    console.log(`from cancelTask to the task's signal: ${waits.join(', ')} ms`);
    expect(Math.max(...waits)).toBeLessThan(1_000);
  });

  it('never runs if it waits for its turn', async () => {
    const { owner, other } = await startNodes();
    const running = await owner.startTask('single');
    const waiting = await owner.startTask('single');
    const last = await owner.startTask('single');
    expect(await other.statusOf(waiting)).toBe('QUEUED');
    expect(await other.cancel(waiting)).toBe('CANCELLED');
    await other.cancel(running);
    await until(async () => (await owner.sights()).began.includes(last), 'the last one runs');
    expect((await owner.sights()).began).toEqual([running, last]);
    await until(async () => (await other.job()).notes.length === 2, 'both have ended');
    const { notes } = await other.job();
    expect(notes.sort()).toEqual([`CANCELLED ${running}`, `CANCELLED ${waiting}`].sort());
  });

  it('commits nothing from the answer on, although it does not listen', async () => {
    const { owner, other } = await startNodes();
    const task = await owner.startTask('deaf');
    await until(async () => (await other.job()).n > 20, 'it works');
    await other.cancel(task);
    const { n } = await other.job();
    await until(async () => ((await owner.sights()).refused[task] ?? 0) > 100, 'it goes on trying');
    await until(async () => (await other.job()).notes.length > 0, 'its onExit has run');
    for (const node of [owner, other]) {
      expect(await node.job()).toMatchObject({ n, notes: [`CANCELLED ${task}`] });
    }
  });

  it('is fenced while its process does nothing, with its lock: another has that within the lease', async () => {
    const leaseMs = 1_000;
    const { owner, other } = await startNodes(leaseMs);
    const task = await owner.startTask('block', ', ms: 2500');
    await until(async () => (await other.job()).notes.includes('locked'), 'it has the lock');
    const answer = await unansweredBy(owner);

    const askedAt = performance.now();
    expect(await other.cancel(task)).toBe('CANCELLED');
    const answeredAt = performance.now();
    await other.client.run(increment);
    const lockedAt = performance.now();
    const times = [answeredAt - askedAt, lockedAt - askedAt].map(Math.round);
    console.log(`a blocked process: cancelled in ${times[0]} ms, its lock taken in ${times[1]} ms`);
    expect(answeredAt - askedAt).toBeLessThan(leaseMs / 2);
    expect(lockedAt - askedAt).toBeLessThan(leaseMs + 200);

    // It has done nothing all the while.
    expect(answer.came).toBe(false);
    await until(async () => (await other.job()).notes.length > 1, 'its onExit has run');
    await until(async () => task in (await owner.sights()).settled, 'it has woken up');
    expect((await owner.sights()).settled[task]).not.toBe('committed');
    await owner.client.run(increment);
    for (const node of [owner, other]) {
      expect(await node.job()).toMatchObject({ n: 2, notes: ['locked', `CANCELLED ${task}`] });
    }
  });

  it('ends as CANCELLED, once, if its process is killed before it heard of it', async () => {
    const leaseMs = 1_000;
    const { owner, other } = await startNodes(leaseMs);
    const task = await owner.startTask('listen');
    owner.pause();
    await other.cancel(task);
    await owner.kill();
    await until(async () => (await other.job()).notes.length > 0, 'its onExit has run');
    expect(await other.statusOf(task)).toBe('CANCELLED');
    await other.client.run(increment);
    expect((await other.job()).notes).toEqual([`CANCELLED ${task}`]);
  });
});
