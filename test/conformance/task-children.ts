import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { holdLock } from '../support/hold-lock.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import type { Data } from '../support/socket-client.ts';
import { statuses } from '../support/task-statuses.ts';
import { until } from '../support/until.ts';
import { Workers, work } from '../support/workers.ts';

const list = `query ($token: ID = "T") {
  tasks(token: $token) { id event status startedAt error { code } }
}`;
const cancel = `mutation ($id: ID!) { cancelTask(token: "T", id: $id) { status startedAt } }`;
const read = '{ cell(token: "T") { n lines } }';

export function taskChildrenTests(createStore: StoreFactory): void {
  describe('detached', () => {
    it('child tasks that wait for their turn go with their parent, but for detached ones', async () => {
      const workers = new Workers();
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        const { Cell, event } = workers.define(builder, { concurrency: { limit: 1 } });
        const lasting = Cell.background('lasting', {
          detached: true,
          concurrency: { limit: 1 },
          args: (t) => ({ i: t.int({ required: true }) }),
        }).resolve(async (_self, { i }) => {
          workers.begun.push(i);
          await workers.gate(i).promise;
        });
        Cell.background('parent').resolve(async (self) => {
          for (const i of [1, 2]) {
            self.trigger(event.with({ i }));
            self.trigger(lasting.with({ i: 10 * i }));
          }
          await goOn.promise;
        });
      });
      const { id } = await client.run('mutation { cellParent(token: "T") { id } }');
      await until(() => workers.begun.length === 2, 'the first of each has begun');
      expect([...workers.begun].sort()).toEqual([1, 10]);
      await until(
        async () => (await statuses(client)).filter((each) => each === 'QUEUED').length === 2,
        'the others wait',
      );
      await client.run(cancel, { id });
      await until(() => workers.exits.length === 1, 'the waiting child is cancelled');
      const byEvent = async (name: string) => {
        const tasks: Data[] = await client.run(list);
        return tasks.filter(({ event }) => event === name).map(({ status }) => status);
      };
      // What has begun goes on.
      expect((await byEvent('work')).sort()).toEqual(['CANCELLED', 'RUNNING']);
      expect((await byEvent('lasting')).sort()).toEqual(['QUEUED', 'RUNNING']);
      for (const i of [1, 2, 10, 20]) workers.finish(i);
      goOn.resolve();
      await noTask(app);
      expect(await byEvent('lasting')).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      expect([...workers.begun].sort()).toEqual([1, 10, 20]);
    });

    it('child events that wait for the lock go with their parent, but for detached ones', async () => {
      const triggered = new Deferred();
      const goOn = new Deferred();
      const { app, client, failures } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const bound = Cell.event('bound').resolve((s) => void s.lines.push('bound'));
        const free = Cell.event('free', { detached: true }).resolve(
          (s) => void s.lines.push('free'),
        );
        Cell.background('parent').resolve(async (self) => {
          for (const event of [bound, free, bound, free]) self.trigger(event);
          triggered.resolve();
          await goOn.promise;
        });
      });
      const release = await holdLock(app);
      const { id } = await client.run('mutation { cellParent(token: "T") { id } }');
      await triggered.promise;
      await client.run(cancel, { id });
      await release();
      // It is behind them in the queue.
      await client.run('mutation { cellIncrement(token: "T") { version } }');
      expect(await client.run(read)).toEqual({ n: 1, lines: ['free', 'free'] });
      expect(failures).toEqual([]);
      goOn.resolve();
      await noTask(app);
    });
    it('what a detached event triggers is not cancelled with the task either', async () => {
      const triggered = new Deferred();
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const next = Cell.event('next').resolve((s) => void s.lines.push('next'));
        const child = Cell.background('child').resolve(async (self) => {
          await self.modifyState((s) => void s.lines.push('child'));
        });
        const free = Cell.event('free', { detached: true }).resolve((s) => {
          s.lines.push('free');
          return [next, child];
        });
        Cell.background('parent').resolve(async (self) => {
          self.trigger(free);
          triggered.resolve();
          await goOn.promise;
        });
      });
      const release = await holdLock(app);
      const { id } = await client.run('mutation { cellParent(token: "T") { id } }');
      await triggered.promise;
      await client.run(cancel, { id });
      await release();
      goOn.resolve();
      // No task runs before the event has begun, either: it is the child's line that is waited for.
      await until(
        async () => (await client.run(read)).lines.length === 3,
        'the event and what it triggers have run',
      );
      expect((await client.run(read)).lines).toEqual(['free', 'next', 'child']);
      await noTask(app);
    });

    it('a task that ends by itself, also by a throw, takes nothing with it', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        const { Cell, event } = workers.define(builder, { concurrency: { limit: 1 } });
        Cell.background('parent').resolve(async (self) => {
          for (const i of [1, 2]) self.trigger(event.with({ i }));
          throw new Error('on purpose');
        });
      });
      const { id } = await client.run('mutation { cellParent(token: "T") { id } }');
      await workers.whenBegun(1);
      await until(
        async () => (await client.run(list)).some((each: Data) => each.status === 'QUEUED'),
        'the other waits',
      );
      expect((await client.run(list)).find((each: Data) => each.id === id).status).toBe('FAILED');
      for (const i of [1, 2]) workers.finish(i);
      await noTask(app);
      expect(workers.begun).toEqual([1, 2]);
    });

    it('a task out of time takes with it what it has triggered and has not begun', async () => {
      const workers = new Workers();
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        const { Cell, event } = workers.define(builder, { concurrency: { limit: 1 } });
        Cell.background('parent', { timeoutMs: 50 }).resolve(async (self) => {
          self.trigger(event.with({ i: 2 }));
          await goOn.promise;
        });
      });
      await client.run(work, { i: 1 });
      await client.run('mutation { cellParent(token: "T") { id } }');
      await until(() => workers.exits.length === 1, 'the child is cancelled');
      expect(workers.exits).toEqual(['CANCELLED']);
      workers.finish(1);
      goOn.resolve();
      await noTask(app);
      expect(workers.begun).toEqual([1]);
    });
  });
}
