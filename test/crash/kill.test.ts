import { describe, expect, it, onTestFinished } from 'vitest';
import { ServerProcess } from '../support/server-process.ts';
import { SocketClient } from '../support/socket-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { demoOn, killLoop } from './kill-loop.ts';

// Each starts the demo several times, one after the other.
describe('kill -9 of the demo', { timeout: 120_000 }, () => {
  it('under load, five times, loses nothing that was acknowledged, and no subscriber misses a version', async () => {
    const report = await killLoop({ dataDir: temporaryFolder(), kills: 5 });
    expect(report.violations).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(500);
    expect(report.resumed).toBeGreaterThan(50);
  });

  it('is noticed if a store acknowledges before it writes', async () => {
    const program = 'test/crash/forgetful-demo.ts';
    const report = await killLoop({ dataDir: temporaryFolder(), kills: 3, program });
    expect(report.violations).not.toEqual([]);
  });

  it("while the seed's counter runs leaves it stopped: Start works again, with one loop (15)", async () => {
    const dataDir = temporaryFolder();
    const read = '{ myTask(token: "T") { counter running } }';
    const toggle = 'mutation { myTaskToggleRunning(token: "T") { tasks { id } } }';
    const tasks = '{ tasks(token: "T") { id status } }';
    const start = async () => {
      const demo = await ServerProcess.start(demoOn(dataDir));
      const client = new SocketClient(demo.url);
      onTestFinished(async () => {
        await client.close();
        await demo.kill();
      });
      return { demo, client };
    };

    const first = await start();
    const watch = 'subscription { myTask(token: "T") { state { counter running } } }';
    const lost = (await first.client.run(toggle)).tasks[0].id;
    await first.client.subscribe(watch).takeUntil(({ state }) => state.counter === 2);
    await first.demo.kill();
    await first.client.close();

    const { client } = await start();
    expect(await client.run(tasks)).toEqual([{ id: lost, status: 'LOST' }]);
    expect(await client.run(read)).toEqual({ counter: 2, running: false });
    const subscription = client.subscribe(watch);
    await client.run(toggle);
    await client.run(toggle);
    await client.run(toggle);
    const startedAt = Date.now();
    const diffs = await subscription.takeUntil(({ state }) => state.counter === 5);
    expect([...new Set(diffs.map(({ state }) => state.counter))]).toEqual([2, 3, 4, 5]);
    // Timers are never early: two loops would have taken half of it.
    expect(Date.now() - startedAt).toBeGreaterThan(900);
    const running = await client.run('{ tasks(token: "T", status: [RUNNING]) { id } }');
    expect(running).toHaveLength(1);
  });
});
