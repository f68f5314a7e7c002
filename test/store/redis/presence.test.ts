import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, onTestFinished } from 'vitest';
import { RedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';
import { NodeProcess } from './node-process.ts';

const leaseMs = 600;
const read = '{ visit(token: "T") { came went } }';
const watch = 'subscription { visit(token: "T") { state { came went } } }';

async function startNodes(): Promise<[NodeProcess, NodeProcess, NodeProcess]> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const start = () => NodeProcess.start(redis.url, leaseMs);
  return Promise.all([start(), start(), start()]);
}

async function expectVisits(node: NodeProcess, came: number, went: number): Promise<void> {
  await until(async () => {
    const visits = await node.client.run(read);
    return visits.came === came && visits.went === went;
  }, `${came} came and ${went} went`);
}

describe('onConnect and onDisconnect', () => {
  it('run for the first and the last subscriber of all nodes', async () => {
    const [a, b, c] = await startNodes();
    const onA = a.client.subscribe(watch);
    await onA.next();
    await expectVisits(c, 1, 0);
    const onB = b.client.subscribe(watch);
    await onB.next();
    await onA.close();
    // Longer than anybody may be away.
    await sleep(200);
    await expectVisits(c, 1, 0);
    await onB.close();
    await expectVisits(c, 1, 1);
    await a.client.subscribe(watch).next();
    await expectVisits(c, 2, 1);
  });

  it('subscribers of a node that is killed are gone, once; those of others are not', async () => {
    const [a, b, c] = await startNodes();
    await a.client.subscribe(watch).next();
    await b.client.subscribe(watch).next();
    await expectVisits(c, 1, 0);
    await a.kill();
    await sleep(2 * leaseMs);
    await expectVisits(c, 1, 0);
    await b.kill();
    await expectVisits(c, 1, 1);
    await sleep(2 * leaseMs);
    await expectVisits(c, 1, 1);
  });

  it('those of a node that was taken for gone are still there when it comes back', async () => {
    const [a, b, c] = await startNodes();
    const subscription = a.client.subscribe(watch);
    await subscription.next();
    await expectVisits(b, 1, 0);
    a.pause();
    await expectVisits(b, 1, 1);
    a.resume();
    await subscription.takeUntil(({ state }) => state.went === 1);
    await b.client.subscribe(watch).next();
    await sleep(2 * leaseMs);
    const { went } = await c.client.run(read);
    await subscription.close();
    await b.client.close();
    await until(async () => (await c.client.run(read)).went === went + 1, 'all have gone');
  });
});
