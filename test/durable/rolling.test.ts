import { expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { expectOnce, outcome, type StartedWalk, start } from './outcome.ts';
import { onRedis } from './scene.ts';
import { SteadyClient } from './steady-client.ts';
import { SteadyWatcher } from './steady-watcher.ts';
import type { TaskNode } from './task-node.ts';

const tokens = ['T', 'U', 'V', 'W'];
const tasksPerToken = 5;
const steps = 40;

/** Each node is stopped, and started again, so often. */
const rounds = 2;

it('nodes that are restarted one after the other lose no durable task, do nothing twice, and leave no subscriber with a gap', {
  timeout: 180_000,
}, async () => {
  const scene = await onRedis();
  const names = ['A', 'B'];
  const nodes: TaskNode[] = await Promise.all(names.map((name) => scene.start({ name })));
  const urls = nodes.map(({ url }) => url);
  const clients = tokens.map((token) => new SteadyClient(`client of ${token}`, token, urls));
  const watchers = tokens.flatMap((token) =>
    [urls, [...urls].reverse()].map((each) => ({ token, watcher: new SteadyWatcher(token, each) })),
  );
  const working = [...clients, ...watchers.map(({ watcher }) => watcher)].map((each) =>
    each.work(),
  );
  await until(() => watchers.every(({ watcher }) => watcher.diffs.length > 0), 'all watch', 60_000);

  const restarts = rounds * nodes.length;
  scene.gate.set(steps / (2 * restarts));
  const walks = new Map<string, StartedWalk[]>();
  for (const [index, token] of tokens.entries()) {
    const { client } = nodes[index % nodes.length] as TaskNode;
    const starting = Array.from({ length: tasksPerToken }, (_, task) =>
      start(client, 'jobWalk', { token, name: `${token}${task}`, steps }),
    );
    walks.set(token, await Promise.all(starting));
  }
  for (let restart = 0; restart < restarts; restart += 1) {
    const allowed = (steps * (restart + 1)) / restarts - steps / (2 * restarts);
    const isThere = () => {
      const there = scene.journal.of('step').filter(({ step }) => step === allowed);
      return there.length >= tokens.length * tasksPerToken;
    };
    await until(isThere, `all have done step ${allowed}`, 60_000);
    // They all go on while a node is stopped.
    scene.gate.set((steps * (restart + 1)) / restarts + steps / (2 * restarts));
    const index = restart % nodes.length;
    expect(await nodes[index]?.stop()).toBe(0);
    const port = Number(new URL(urls[index] as string).port);
    nodes[index] = await scene.start({ name: names[index] as string, port });
  }

  const [{ client }] = nodes as [TaskNode];
  for (const token of tokens) {
    const after = await outcome(scene, client, { token, count: tasksPerToken });
    expectOnce(after, walks.get(token) ?? []);
  }
  for (const each of clients) each.stop();
  await Promise.all(working.slice(0, clients.length));
  for (const [index, token] of tokens.entries()) {
    const { acknowledged, unknown } = clients[index] as SteadyClient;
    const { ops, version } = await client.run(`{ job(token: "${token}") { ops version } }`);
    expect(new Set(ops).size).toBe(ops.length);
    expect(ops.filter((op: string) => !unknown.includes(op))).toEqual(acknowledged);
    const own = watchers.filter((each) => each.token === token);
    await Promise.all(own.map(({ watcher }) => watcher.stopAt(version)));
    for (const { watcher } of own) {
      expect(watcher.gaps).toEqual([]);
      expect(watcher.moves).toBeGreaterThanOrEqual(rounds);
    }
  }
  await Promise.all(working);
  const handedOver = scene.journal.of('left').filter(({ code }) => code === 'SHUTTING_DOWN');
  expect(handedOver.length).toBeGreaterThanOrEqual(restarts);
});
