import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import type { SocketClient } from '../support/socket-client.ts';
import { until } from '../support/until.ts';

/** The seed's counter, with a shorter pause. */
function defineMyTask(builder: LabBuilder): void {
  const MyTask = builder.state('MyTask', {
    vars: (t) => ({
      counter: t.int({ default: 0 }),
      maxCounter: t.int({ default: 10 }),
      running: t.boolean({ default: false }),
      loops: t.int({ default: 0 }),
      mostLoops: t.int({ default: 0 }),
    }),
    backend: () => ({ loop: null as string | null }),
  });
  MyTask.event('toggleRunning').resolve((s) => {
    s.running = !s.running;
    return s.running && myTask;
  });
  MyTask.event('clearCounter').resolve((s) => {
    s.counter = 0;
  });
  const myTask = MyTask.background('myTask', {
    onExit: (s, { taskId }) => {
      if (s.loop === taskId) {
        s.loop = null;
        s.loops -= 1;
      }
    },
  }).resolve(async (self) => {
    while (true) {
      const go = await self.modifyState((s) => {
        if (s.loop !== null && s.loop !== self.taskId) return false;
        if (s.loop === null) {
          s.loops += 1;
          s.mostLoops = Math.max(s.mostLoops, s.loops);
        }
        s.loop = self.taskId;
        if (s.counter >= s.maxCounter) s.running = false;
        if (!s.running) return false;
        s.counter += 1;
        return true;
      });
      if (!go) return;
      await sleep(5, undefined, { signal: self.signal });
    }
  });
}

const toggle = 'mutation { myTaskToggleRunning(token: "T") { version tasks { id event status } } }';
const read = '{ myTask(token: "T") { counter running loops mostLoops } }';
const watch = `subscription { myTask(token: "T") {
  version since reset changed state { counter running version }
} }`;

async function readWhenDone(client: SocketClient, tasks: ReadonlySet<unknown>) {
  await until(() => tasks.size === 0, 'no task is left');
  return client.run(read);
}

export function seedTests(createStore: StoreFactory): void {
  describe("the seed's example", () => {
    it('counts to the end, one diff for each step, and each diff follows the one before', async () => {
      const { app, client } = await startLab(createStore, defineMyTask);
      const subscription = client.subscribe(watch);
      const first = await subscription.next();
      expect(first).toMatchObject({ reset: true, since: 0, version: 0, state: { counter: 0 } });

      const { tasks } = await client.run(toggle);
      expect(tasks).toMatchObject([{ event: 'myTask', status: 'RUNNING' }]);
      const diffs = await subscription.takeUntil(
        ({ state }) => state.counter === 10 && !state.running,
      );

      expect(diffs.map(({ state }) => state.counter)).toEqual([
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10,
      ]);
      let before = first;
      for (const diff of diffs) {
        expect(diff.since).toBe(before.version);
        expect(diff.version).toBeGreaterThan(before.version);
        expect(diff.state.version).toBe(diff.version);
        expect(diff.reset).toBe(false);
        before = diff;
      }
      expect(diffs.at(-1).changed).toEqual(['RUNNING']);
      await noTask(app);
    });

    it('toggled twice fast, it never has two loops', async () => {
      const { app, client } = await startLab(createStore, defineMyTask);
      await Promise.all([client.run(toggle), client.run(toggle)]);
      const state = await readWhenDone(client, app.backgroundTasks);
      expect(state).toMatchObject({ running: false, loops: 0 });
      expect(state.mostLoops).toBeLessThanOrEqual(1);
    });

    it('toggled three times, it runs to the end with one loop', async () => {
      const { app, client } = await startLab(createStore, defineMyTask);
      await Promise.all([client.run(toggle), client.run(toggle), client.run(toggle)]);
      const state = await readWhenDone(client, app.backgroundTasks);
      expect(state).toEqual({ counter: 10, running: false, loops: 0, mostLoops: 1 });
    });

    it('cleared while it runs, it starts over and still ends', async () => {
      const { app, client } = await startLab(createStore, defineMyTask);
      const subscription = client.subscribe(watch);
      await client.run(toggle);
      await subscription.takeUntil(({ state }) => state.counter === 5);
      await client.run('mutation { myTaskClearCounter(token: "T") { version } }');
      const rest = await subscription.takeUntil(({ state }) => !state.running);
      expect(rest.some(({ state }) => state.counter === 0)).toBe(true);
      expect(rest.at(-1).state.counter).toBe(10);
      expect(await readWhenDone(client, app.backgroundTasks)).toMatchObject({ loops: 0 });
    });

    it('cancelled in the middle, it can be started again', async () => {
      const { app, client } = await startLab(createStore, defineMyTask);
      const subscription = client.subscribe(watch);
      const { tasks } = await client.run(toggle);
      await subscription.takeUntil(({ state }) => state.counter === 3);
      const cancelled = await client.run(
        'mutation ($id: ID!) { cancelTask(token: "T", id: $id) { id status error { code } } }',
        { id: tasks[0].id },
      );
      expect(cancelled).toEqual({ id: tasks[0].id, status: 'CANCELLED', error: null });
      await noTask(app);

      await client.run(toggle); // running was still true
      await client.run(toggle);
      const state = await readWhenDone(client, app.backgroundTasks);
      expect(state).toMatchObject({ counter: 10, running: false, loops: 0, mostLoops: 1 });
    });
  });
}
