import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { expectOnce, outcome, start } from './outcome.ts';
import { onRedis, type Scene } from './scene.ts';
import type { Fault } from './settings.ts';
import type { TaskNode } from './task-node.ts';
import { stepsOf } from './walk.ts';

async function startNodes(names: readonly string[], fault?: Fault) {
  const scene = await onRedis();
  const nodes = await Promise.all(
    names.map((name) => scene.start({ name, leaseMs: 1_000, fault })),
  );
  return { scene, node: nodes[0] as TaskNode };
}

/** What comes of a task whose first attempt blocks its process until it is taken for gone. */
async function runBlocked(
  { scene, node: { client } }: { readonly scene: Scene; readonly node: TaskNode },
  where: 'between locks' | 'in a lock' | 'alone',
) {
  const token = where.replaceAll(' ', '-');
  const walk = await start(client, 'jobBlock', { token, name: 'w', steps: 10, where });
  const count = (what: 'begun' | 'left') => scene.journal.of(what, walk.id).length;
  await until(
    () => count('left') > 1 && count('left') === count('begun'),
    'all attempts have come to their ends',
    60_000,
  );
  const attempts = scene.journal.of('left', walk.id);
  const first = attempts.find(({ attempt }) => attempt === 1);
  return { walk, attempts, first, after: await outcome(scene, client, { token }) };
}

type Blocked = Awaited<ReturnType<typeof runBlocked>>;

/** Both went on to their ends, and one of them did it. */
function expectOneEffect({ walk, attempts, after }: Blocked): void {
  expectOnce(after, [walk]);
  expect(after.tasks[0].attempt).toBeGreaterThan(1);
  expect(attempts.filter(({ code }) => code === null)).toHaveLength(1);
}

describe('a durable task that blocks its process until it is taken for gone', {
  timeout: 90_000,
}, () => {
  it('is run by another beside it, and does once what it does to the state', async () => {
    const nodes = await startNodes(['A', 'B']);
    const betweenLocks = await runBlocked(nodes, 'between locks');
    expect(betweenLocks.first?.code).toBe('SUPERSEDED');
    expectOneEffect(betweenLocks);
    expect(new Set(betweenLocks.attempts.map(({ node }) => node)).size).toBe(2);
    const inLock = await runBlocked(nodes, 'in a lock');
    expect(inLock.first?.code).not.toBeNull();
    expectOneEffect(inLock);
  });

  it('is run again by itself where there is no other, and does it once too', async () => {
    const blocked = await runBlocked(await startNodes(['A']), 'alone');
    expect(blocked.first?.code).toBe('SUPERSEDED');
    expectOneEffect(blocked);
  });

  it('is noticed if its store does not look at attempts', async () => {
    const { scene, node } = await startNodes(['A', 'B'], 'is not fenced');
    // An attempt that is over may leave what it saves in such a store: nobody waits for that to go.
    const nodes = { scene: { ...scene, redis: null }, node };
    const { walk, after } = await runBlocked(nodes, 'between locks');
    expect(after.state.steps).not.toEqual(stepsOf(walk));
  });
});
