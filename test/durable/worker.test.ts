import { expect, it } from 'vitest';
import { expectOnce, nextAttempt, outcome, progress, start } from './outcome.ts';
import { onRedis } from './scene.ts';

/** For so long a worker may be silent, in ms: what is taken over much sooner was handed over. */
const leaseMs = 60_000;

it('workers run what a web process starts; one that is stopped hands it over at once, and exits with 0', {
  timeout: 60_000,
}, async () => {
  const scene = await onRedis();
  const [web, ...workers] = await Promise.all([
    scene.start({ name: 'web', role: 'web', leaseMs }),
    ...['A', 'B'].map((name) => scene.start({ name, role: 'worker', leaseMs })),
  ]);
  scene.gate.set(5);
  const walk = await start(web.client, 'jobWalk', { name: 'w', steps: 10 });
  const { node, attempt } = await progress(scene, 5, walk.id);
  const [first, second] = node === 'A' ? workers : [...workers].reverse();
  if (!first || !second) throw new Error('Expected two workers.');

  const signalledAt = Date.now();
  const stopped = first.stop();
  const next = await nextAttempt(scene, attempt, walk.id);
  expect(next.at - signalledAt).toBeLessThan(leaseMs / 4);
  expect(await stopped).toBe(0);
  scene.gate.set(10);
  const after = await outcome(scene, web.client);
  expectOnce(after, [walk]);
  expect(after.tasks[0].attempt).toBe(2);
  const runners = scene.journal.of('begun').map((entry) => entry.node);
  expect(runners).toEqual(node === 'A' ? ['A', 'B'] : ['B', 'A']);
  expect(await second.stop()).toBe(0);
});
