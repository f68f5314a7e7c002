import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { expectOnce, outcome, progress, start } from './outcome.ts';
import { onRedis } from './scene.ts';

/** For how long Redis is away, in ms. `OUTAGE_MS=60000` is a minute. */
const awayMs = Number(process.env['OUTAGE_MS'] ?? 3_000);

it('durable tasks outlast a Redis that is away: one that runs, and one that waits to be tried again', {
  timeout: awayMs + 60_000,
}, async () => {
  const scene = await onRedis();
  const node = await scene.start({ name: 'A', leaseMs: 500 });
  const { client, url } = node;
  scene.gate.set(5);
  const running = await start(client, 'jobWalk', { name: 'running', steps: 10 });
  await progress(scene, 5, running.id);
  const waiting = await start(client, 'jobStumble', { name: 'waiting', steps: 10 });
  const status = async () => {
    const tasks = await client.run('{ tasks(token: "T") { id status } }');
    return tasks.find(({ id }: { id: string }) => id === waiting.id).status;
  };
  const hasLeft = () => scene.journal.of('left', waiting.id).length > 0;
  await until(async () => hasLeft() && (await status()) === 'QUEUED', 'it waits', 30_000);

  await scene.redis.kill();
  await until(async () => (await fetch(`${url}/readyz`)).status === 503, 'it is away');
  scene.gate.set(10);
  await sleep(awayMs);
  await scene.redis.restart();
  const after = await outcome(scene, client, { count: 2 });
  expectOnce(after, [running, waiting]);
  expect(after.tasks.find(({ id }) => id === waiting.id).attempt).toBeGreaterThan(1);
});
