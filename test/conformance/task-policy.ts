import { TaskTimeoutError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { startTest } from '../support/start-test.ts';
import { statuses } from '../support/task-statuses.ts';
import { until } from '../support/until.ts';
import { Workers, work } from '../support/workers.ts';
import type { CreateRestartable } from './restart.ts';

const list = `query ($token: ID = "T") {
  tasks(token: $token) { id event status startedAt error { code } }
}`;
const read = '{ cell(token: "T") { n lines } }';

/** @param shared whether more than one app can be on one store. */
export function taskPolicyTests(createRestartable: CreateRestartable, shared: boolean): void {
  const createStore: StoreFactory = () => createRestartable()();

  describe('timeoutMs', () => {
    it('ends a task as FAILED with TASK_TIMEOUT: its signal aborts, nothing more of it is stored', async () => {
      const goOn = new Deferred();
      const seen: unknown[] = [];
      const { app, client, failures } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            args: (t) => ({ i: t.int({ required: true }) }),
            timeoutMs: 20,
            onExit: (s, { outcome, error }) => {
              seen.push(outcome, error);
              s.lines.push(outcome);
            },
          })
          .resolve(async (self) => {
            await new Promise((resolve) => self.signal.addEventListener('abort', resolve));
            seen.push(self.signal.reason);
            await goOn.promise;
            await self
              .modifyState((s) => void s.lines.push('late'))
              .catch((error) => seen.push(error));
          });
      });
      await client.run(work, { i: 0 });
      await until(() => seen.length === 3, 'it is out of time');
      expect(app.backgroundTasks.size).toBe(1);
      goOn.resolve();
      await noTask(app);
      expect(seen).toHaveLength(4);
      expect(seen.filter((each) => each instanceof TaskTimeoutError)).toHaveLength(3);
      expect(seen).toContain('FAILED');
      const [task] = await client.run(list);
      expect(task).toMatchObject({ status: 'FAILED', error: { code: 'TASK_TIMEOUT' } });
      expect(failures.map(({ error }) => error)).toEqual([expect.any(TaskTimeoutError)]);
      expect(await client.run(read)).toEqual({ n: 0, lines: ['FAILED'] });
    });

    it('does not count the time that a task waits for its turn', async () => {
      const workers = new Workers();
      const { app, clock, client } = await startTest(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit: 1 }, timeoutMs: 1_000 });
      });
      const tester = client({ token: 'T' });
      for (const i of [0, 1]) await tester.run(work, { i });
      await workers.whenBegun(0);
      await clock.advance(900);
      workers.finish(0);
      await workers.whenBegun(0, 1);
      await clock.advance(900);
      const now = async () => (await app.listTasks(app.keyOf('T'))).map(({ status }) => status);
      expect(await now()).toEqual(['SUCCEEDED', 'RUNNING']);
      await clock.advance(100);
      await until(() => workers.exits.length === 2, 'it is out of time');
      expect(workers.exits).toEqual(['SUCCEEDED', 'FAILED']);
      workers.finish(1);
    });

    it('does not hit a task that has ended before', async () => {
      const { app, clock, client, failures } = await startTest(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            args: (t) => ({ i: t.int({ required: true }) }),
            timeoutMs: 1_000,
          })
          .resolve((self) => self.sleep(999));
      });
      await client({ token: 'T' }).run(work, { i: 0 });
      await clock.advance(999);
      await noTask(app);
      await clock.advance(10_000);
      expect((await app.listTasks(app.keyOf('T')))[0]?.status).toBe('SUCCEEDED');
      expect(failures).toEqual([]);
    });
  });

  describe('cancelOn: disconnect', () => {
    const watch = 'subscription ($token: ID!) { cell(token: $token) { version } }';
    const watchTasks = 'subscription ($token: ID!) { tasks(token: $token) { id } }';

    it('cancels a task when the last socket is gone: it waits for none that never came', async () => {
      const workers = new Workers();
      const { app, client, connect } = await startLab(createStore, (builder) => {
        workers.define(builder, { cancelOn: 'disconnect', graceMs: 0 });
      });
      await client.run(work, { i: 0, token: 'U' });
      const other = connect();
      const subscription = other.subscribe(watch, { token: 'T' });
      await subscription.next();
      await client.run(work, { i: 1 });
      await other.close();
      await until(() => workers.exits.length === 1, 'it is cancelled');
      expect(await statuses(client)).toEqual(['CANCELLED']);
      expect(await statuses(client, 'U')).toEqual(['RUNNING']);
      for (const i of [0, 1]) workers.finish(i);
      await noTask(app);
    });

    it.each([
      ['a state', watch, {}, 5_000],
      ['the tasks alone', watchTasks, { graceMs: 100 }, 100],
    ])('who is back within graceMs keeps it, subscribed to %s', async (_to, query, grace, ms) => {
      const workers = new Workers();
      const { app, clock, client } = await startTest(createStore, (builder) => {
        workers.define(builder, { cancelOn: 'disconnect', ...grace });
      });
      const tester = client({ token: 'T' });
      const subscribe = async () => {
        const subscription = tester.subscribe(query, { token: 'T' });
        await subscription.next();
        return subscription;
      };
      const now = async () => (await app.listTasks(app.keyOf('T')))[0]?.status;
      await tester.run(work, { i: 0 });
      const first = await subscribe();
      await clock.advance(10 * ms);
      await first.return();
      await clock.advance(ms - 1);
      const second = await subscribe();
      await clock.advance(10 * ms);
      const third = await subscribe();
      await second.return();
      await clock.advance(10 * ms);
      expect(await now()).toBe('RUNNING');
      await third.return();
      await clock.advance(ms - 1);
      expect(await now()).toBe('RUNNING');
      await clock.advance(1);
      await until(() => workers.exits.length === 1, 'it is cancelled');
      expect(await now()).toBe('CANCELLED');
      workers.finish(0);
    });

    it('leaves tasks of other events, and cancels those that wait for their turn', async () => {
      const workers = new Workers();
      const goOn = new Deferred();
      const { app, client, connect } = await startLab(createStore, (builder) => {
        const concurrency = { limit: 1 };
        const { Cell } = workers.define(builder, {
          ...{ cancelOn: 'disconnect', graceMs: 0, concurrency },
        });
        Cell.background('stays').resolve(() => goOn.promise);
      });
      const other = connect();
      await other.subscribe(watch, { token: 'T' }).next();
      for (const i of [0, 1]) await client.run(work, { i });
      await client.run('mutation { cellStays(token: "T") { id } }');
      await workers.whenBegun(0);
      await other.close();
      await until(() => workers.exits.length === 2, 'they are cancelled');
      expect(workers.begun).toEqual([0]);
      expect(await statuses(client)).toEqual(['CANCELLED', 'CANCELLED', 'RUNNING']);
      workers.finish(0);
      goOn.resolve();
      await noTask(app);
    });

    it.runIf(shared)(
      'a subscriber on another app keeps it; it ends when that one is gone',
      async () => {
        const open = createRestartable();
        const workers = new Workers();
        const define = (builder: LabBuilder) =>
          void workers.define(builder, { cancelOn: 'disconnect', graceMs: 0 });
        const [a, b] = [await startLab(open, define), await startLab(open, define)];
        const onA = a.connect();
        await onA.subscribe(watch, { token: 'T' }).next();
        const onB = b.connect();
        await onB.subscribe(watch, { token: 'T' }).next();
        await a.client.run(work, { i: 0 });
        // The store has heard of b's subscriber when it has given b a lease: that was asked for later.
        await b.app.modifyState(b.app.keyOf('T'), () => {});
        await onA.close();
        await until(() => a.app.subscribers === 0, 'it is gone from a');
        // Its store has heard of it when the next one has come and gone.
        const again = a.connect();
        await again.subscribe(watch, { token: 'T' }).next();
        await again.close();
        await until(() => a.app.subscribers === 0, 'it is gone from a again');
        expect(await statuses(a.client)).toEqual(['RUNNING']);
        await onB.close();
        await until(() => workers.exits.length === 1, 'it is cancelled');
        expect(await statuses(a.client)).toEqual(['CANCELLED']);
        workers.finish(0);
        await noTask(a.app);
      },
    );
  });
}
