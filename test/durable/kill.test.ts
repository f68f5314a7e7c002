import { describe, expect, it } from 'vitest';
import { killRunners, stepsPerKill } from './kill-runners.ts';
import { expectOnce, outcome, start } from './outcome.ts';
import { onDisk, onRedis, type Scene } from './scene.ts';
import type { Fault } from './settings.ts';
import { stepsOf } from './walk.ts';

async function killOnDisk(scene: Scene, kills: number, fault?: Fault) {
  const boot = (name: string) => scene.start({ name, fault });
  const first = await boot('A');
  const walk = await start(first.client, 'jobWalk', { name: 'w', steps: stepsPerKill * kills });
  const nodes = new Map([['A', Promise.resolve(first)]]);
  const [last] = await killRunners(scene, nodes, { kills, start: boot });
  if (!last) throw new Error('Expected a node.');
  return { walk, ...(await outcome(scene, last.client)) };
}

describe('kill -9 of whoever runs a durable task, while it runs,', { timeout: 240_000 }, () => {
  const kills = 10;

  it('ten times on the disk: it goes on each time, as if there had been none', async () => {
    const { walk, ...after } = await killOnDisk(onDisk(), kills);
    expectOnce(after, [walk]);
    expect(after.tasks[0].attempt).toBe(kills + 1);
  });

  it('ten times on Redis: another goes on each time, and nothing is left in the end', async () => {
    const scene = await onRedis();
    const boot = (name: string) => scene.start({ name, leaseMs: 500 });
    const [a, b] = await Promise.all([boot('A'), boot('B')]);
    const walk = await start(a.client, 'jobWalk', { name: 'w', steps: stepsPerKill * kills });
    const nodes = new Map([
      ['A', Promise.resolve(a)],
      ['B', Promise.resolve(b)],
    ]);
    const [last] = await killRunners(scene, nodes, { kills, start: boot });
    if (!last) throw new Error('Expected a node.');
    const after = await outcome(scene, last.client);
    expectOnce(after, [walk]);
    expect(after.tasks[0].attempt).toBeGreaterThan(kills);
    const runners = new Set(scene.journal.of('begun').map(({ node }) => node));
    expect(runners.size).toBe(2);
  });

  it('is noticed if a store saves checkpoints apart from their commits', async () => {
    const { walk, state } = await killOnDisk(onDisk(), 1, 'saves late');
    expect(state.steps).not.toEqual(stepsOf(walk));
  });
});
