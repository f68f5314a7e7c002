import { describe, expect, it } from 'vitest';
import { jobsAdded } from './leftovers.ts';
import { expectOnce, nextAttempt, outcome } from './outcome.ts';
import { onDisk, onRedis, type Scene } from './scene.ts';
import type { TaskNode } from './task-node.ts';

/** Within which another process finds a task, in ms. */
const foundMs = 10_000;

const begin = 'mutation { jobBegin(token: "T", name: "w", steps: 5) { version } }';

/** Starts a task by an event, on a node that is killed between the event's commit and the hand-over. Resolves to when. */
async function killAtHandOver(dying: TaskNode): Promise<number> {
  // It may be answered before.
  const answered = dying.client.result(begin).catch(() => ({}));
  expect(await answered).not.toHaveProperty('errors');
  expect(await dying.ended).toBe('SIGKILL');
  return Date.now();
}

/** It began in time, and had one attempt, that did it once. */
async function expectFound(scene: Scene, node: TaskNode, since: number): Promise<void> {
  const { task, at } = await nextAttempt(scene, 0);
  expect(at - since).toBeLessThan(foundMs);
  const after = await outcome(scene, node.client);
  expectOnce(after, [{ id: task, name: 'w', steps: 5 }]);
  expect(after.state.begun).toBe(1);
  expect(after.tasks[0].attempt).toBe(1);
  expect(scene.journal.of('begun')).toHaveLength(1);
}

describe('a durable task whose process is killed after the commit that starts it, before it is handed over,', {
  timeout: 60_000,
}, () => {
  const fault = 'dies at hand-over';

  it('is found by another node in time, and is one job', async () => {
    const scene = await onRedis();
    const [dying, ...others] = await Promise.all([
      scene.start({ name: 'A', fault }),
      ...['B', 'C'].map((name) => scene.start({ name })),
    ]);
    const killedAt = await killAtHandOver(dying);
    await expectFound(scene, others[0] as TaskNode, killedAt);
    expect(await jobsAdded(scene.redis)).toBe(1);
  });

  it('is found by its own node, when that is there again, in time, and is one job', async () => {
    const scene = await onRedis();
    await killAtHandOver(await scene.start({ name: 'A', fault }));
    const again = await scene.start({ name: 'A' });
    await expectFound(scene, again, Date.now());
    expect(await jobsAdded(scene.redis)).toBe(1);
  });

  it('is there on the disk for the next start', async () => {
    const scene = onDisk();
    await killAtHandOver(await scene.start({ name: 'A', fault }));
    const again = await scene.start({ name: 'A' });
    await expectFound(scene, again, Date.now());
  });
});
