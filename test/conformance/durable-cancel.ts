import { setTimeout as timer } from 'node:timers/promises';
import { StoreUnavailableError, TaskCancelledError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import {
  cancel,
  laterMs,
  leaveOutcome,
  list,
  read,
  start,
  whenBackingOff,
  whenEnded,
} from '../support/durable.ts';
import { forwardTo } from '../support/forward-store.ts';
import { type Lab, type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { statuses } from '../support/task-statuses.ts';
import { startTwoNodes } from '../support/two-nodes.ts';
import { until } from '../support/until.ts';
import { Workers, work } from '../support/workers.ts';
import type { CreateRestartable } from './restart.ts';

const durable = { attempts: 3, backoffMs: laterMs };
const lines = async ({ client }: Pick<Lab, 'client'>) => (await client.run(read)).lines;

/** A task that throws in its first attempt, and waits far too long for its second; those with an odd `i` just end. */
function defineFailing(begun: number[], options: object = {}) {
  return (builder: LabBuilder) =>
    void defineCell(builder)
      .background('work', {
        ...{ durable, onExit: leaveOutcome, args: (t) => ({ i: t.int({ required: true }) }) },
        ...options,
      })
      .resolve(async (_self, { i }) => {
        begun.push(i);
        if (i % 2 === 0) throw new Error(`of ${i}`);
      });
}

/** @param nodes whether more than one app can be on one store. */
export function durableCancelTests(createRestartable: CreateRestartable, nodes: boolean): void {
  const createStore: StoreFactory = () => createRestartable()();

  describe('cancelTask of a durable task', () => {
    it('that waits for its turn: it never runs, its onExit does, and the next goes on', async () => {
      const workers = new Workers();
      const lab = await startLab(createStore, (builder) => {
        workers.define(builder, { durable, concurrency: { limit: 1 } });
      });
      await lab.client.run(work, { i: 0 });
      const { id } = await lab.client.run(work, { i: 1 });
      await lab.client.run(work, { i: 2 });
      await workers.whenBegun(0);
      expect(await lab.client.run(cancel, { id })).toEqual({ status: 'CANCELLED', error: null });
      await until(() => workers.exits.length === 1, 'its onExit');
      workers.finish(0);
      await workers.whenBegun(0, 2);
      workers.finish(2);
      await whenEnded(lab, 3);
      expect(await statuses(lab.client)).toEqual(['SUCCEEDED', 'CANCELLED', 'SUCCEEDED']);
      expect(workers.exits).toEqual(['CANCELLED', 'SUCCEEDED', 'SUCCEEDED']);
    });

    it('that waits for its next attempt: there is none, its onExit runs, and its place is free', async () => {
      const begun: number[] = [];
      const define = defineFailing(begun, { concurrency: { limit: 1 } });
      const lab = await startLab(createStore, define);
      const { id } = await lab.client.run(work, { i: 0 });
      await until(() => lab.failures.length === 1, 'it has failed');
      await lab.client.run(work, { i: 1 });
      await whenBackingOff(lab, id);
      expect(await statuses(lab.client)).toEqual(['QUEUED', 'QUEUED']);
      expect(await lab.client.run(cancel, { id })).toEqual({ status: 'CANCELLED', error: null });
      await whenEnded(lab, 2);
      expect(begun).toEqual([0, 1]);
      expect(await statuses(lab.client)).toEqual(['CANCELLED', 'SUCCEEDED']);
      await until(async () => (await lines(lab)).length === 2, 'both onExit');
      expect((await lines(lab)).sort()).toEqual(['CANCELLED', 'SUCCEEDED']);
    });

    it('just when an attempt has failed: its onExit does not wait for the next', async () => {
      const begun: number[] = [];
      const asked = new Deferred();
      const goOn = new Deferred();
      const slow = async () => {
        const store = await createStore();
        return forwardTo(store, {
          async updateTask(key, record) {
            if (record.durable?.failures === 1) {
              asked.resolve();
              await goOn.promise;
            }
            return store.updateTask(key, record);
          },
        });
      };
      const lab = await startLab(slow, defineFailing(begun));
      const { id } = await lab.client.run(work, { i: 0 });
      await asked.promise;
      expect(await lab.client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      goOn.resolve();
      await until(async () => (await lines(lab)).length === 1, 'its onExit');
      expect(await lines(lab)).toEqual(['CANCELLED']);
      expect(begun).toEqual([0]);
    });

    it('while the store cannot: its onExit comes as soon as it can again', async () => {
      let isAway = false;
      const shaky = async () => {
        const store = await createStore();
        const { durable: tasks } = store;
        if (!tasks) throw new Error('Expected a store that has durable tasks.');
        return forwardTo(store, {
          durable: {
            start: (host) => tasks.start(host),
            handOver: (...args) => tasks.handOver(...args),
            withdraw: (...args) => tasks.withdraw(...args),
            read: (...args) => tasks.read(...args),
            pause: () => tasks.pause(),
            async claim(...args) {
              if (!isAway) return tasks.claim(...args);
              isAway = false;
              throw new StoreUnavailableError();
            },
          },
        });
      };
      const begun: number[] = [];
      const lab = await startLab(shaky, defineFailing(begun));
      const { id } = await lab.client.run(work, { i: 0 });
      await until(() => lab.failures.length === 1, 'it has failed');
      await whenBackingOff(lab, id);
      isAway = true;
      expect(await lab.client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      await until(() => !isAway, 'the store could not');
      await until(async () => (await lines(lab)).length === 1, 'its onExit');
      expect(await lines(lab)).toEqual(['CANCELLED']);
      expect(begun).toEqual([0]);
    });

    it('that runs: its signal aborts, it can store nothing more, and is not tried again', async () => {
      const goOn = new Deferred();
      const begun: number[] = [];
      const seen: unknown[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 3, backoffMs: 1 }, onExit: leaveOutcome })
          .resolve(async (self) => {
            begun.push(self.attempt);
            await goOn.promise;
            await timer(1);
            seen.push(self.signal.reason);
            await self.modifyState((s) => void s.lines.push('late')).catch((e) => seen.push(e));
            throw new Error('late');
          });
      });
      const { id } = await lab.client.run(start);
      await until(() => begun.length === 1, 'it runs');
      expect(await lab.client.run(cancel, { id })).toEqual({ status: 'CANCELLED', error: null });
      await until(async () => (await lines(lab)).length === 1, 'its onExit');
      goOn.resolve();
      expect(await whenEnded(lab)).toMatchObject([{ status: 'CANCELLED', attempt: 1 }]);
      expect(seen).toEqual(Array(2).fill(expect.any(TaskCancelledError)));
      expect(begun).toEqual([1]);
      expect(await lines(lab)).toEqual(['CANCELLED']);
      expect(lab.failures).toEqual([]);
    });

    it('that has ended changes nothing', async () => {
      const begun: number[] = [];
      const lab = await startLab(createStore, defineFailing(begun));
      const { id } = await lab.client.run(work, { i: 1 });
      await whenEnded(lab);
      expect(await lab.client.run(cancel, { id })).toEqual({ status: 'SUCCEEDED', error: null });
      expect(await lines(lab)).toEqual(['SUCCEEDED']);
      expect(begun).toEqual([1]);
    });

    it('after a restart, before it was run again: it never is, its onExit runs, its place is free', async () => {
      const open = createRestartable();
      const workers = new Workers();
      const define = (builder: LabBuilder) =>
        void workers.define(builder, { durable, concurrency: { limit: 1 } });
      const first = await startLab(open, define);
      await first.client.run(work, { i: 0 });
      const { id } = await first.client.run(work, { i: 1 });
      await first.client.run(work, { i: 2 });
      await workers.whenBegun(0);
      await first.server.close();
      const second = await startLab(open, define);
      await workers.whenBegun(0, 0);
      expect(await second.client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      await until(() => workers.exits.length === 1, 'its onExit');
      workers.finish(0);
      await workers.whenBegun(0, 0, 2);
      workers.finish(2);
      await whenEnded(second, 3);
      expect(await statuses(second.client)).toEqual(['SUCCEEDED', 'CANCELLED', 'SUCCEEDED']);
      expect(workers.exits).toEqual(['CANCELLED', 'SUCCEEDED', 'SUCCEEDED']);
    });

    it('as the first thing after a restart ends it once, whether or not it has begun again', async () => {
      const open = createRestartable();
      const begun: number[] = [];
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', { durable, onExit: leaveOutcome })
          .resolve(async (self) => {
            begun.push(self.attempt);
            await self.sleep(laterMs);
          });
      };
      const first = await startLab(open, define);
      const { id } = await first.client.run(start);
      await until(() => begun.length === 1, 'it runs');
      await first.server.close();
      const second = await startLab(open, define);
      expect(await second.client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      await until(async () => (await lines(second)).length === 1, 'its onExit');
      expect(await whenEnded(second)).toMatchObject([{ id, status: 'CANCELLED' }]);
      expect(await lines(second)).toEqual(['CANCELLED']);
      expect(second.failures).toEqual([]);
    });

    it.runIf(nodes)('on another node ends it wherever it is: waiting, or running', async () => {
      const begun: number[] = [];
      const exits: string[] = [];
      const { a, b } = await startTwoNodes(createRestartable(), (builder) => {
        defineCell(builder)
          .background('work', {
            ...{ durable, args: (t) => ({ i: t.int({ required: true }) }) },
            onExit: (s, { outcome }) => {
              exits.push(outcome);
              s.lines.push(outcome);
            },
          })
          .resolve(async (self, { i }) => {
            begun.push(i);
            if (i === 0) throw new Error('once');
            await self.sleep(laterMs);
          });
      });
      const failing = await a.client.run(work, { i: 0 });
      await whenBackingOff(a, failing.id);
      await until(() => begun.length === 1, 'it has begun');
      await whenBackingOff(b, failing.id);
      const running = await a.client.run(work, { i: 1 });
      await until(() => begun.length === 2, 'it runs');
      for (const { id } of [failing, running]) {
        expect(await b.client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      }
      await until(async () => (await lines(a)).length === 2, 'both onExit');
      await whenEnded(a, 2);
      await whenEnded(b, 2);
      expect(exits).toEqual(['CANCELLED', 'CANCELLED']);
      expect(await statuses(b.client)).toEqual(['CANCELLED', 'CANCELLED']);
      expect(begun).toEqual([0, 1]);
    });
  });

  describe('concurrency of durable tasks', () => {
    it('a task keeps its place while it waits for its next attempt', async () => {
      const begun: number[][] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            durable: { attempts: 2, backoffMs: 20 },
            concurrency: { limit: 1 },
            args: (t) => ({ i: t.int({ required: true }) }),
          })
          .resolve(async (self, { i }) => {
            begun.push([i, self.attempt]);
            if (self.attempt === 1) throw new Error('once');
          });
      });
      for (const i of [0, 1]) await lab.client.run(work, { i });
      await whenEnded(lab, 2);
      expect(begun).toEqual([
        [0, 1],
        [0, 2],
        [1, 1],
        [1, 2],
      ]);
    });

    it('reject: one too many is refused, and nothing is on record of it, also after a restart', async () => {
      const open = createRestartable();
      const workers = new Workers();
      const define = (builder: LabBuilder) =>
        void workers.define(builder, { durable, concurrency: { limit: 1, onLimit: 'reject' } });
      const first = await startLab(open, define);
      const refuse = async ({ client }: Lab) => {
        const { errors } = await client.result(work, { i: 1 });
        expect(errors?.[0]?.extensions).toMatchObject({ code: 'CONCURRENCY_LIMIT' });
      };
      await first.client.run(work, { i: 0 });
      await refuse(first);
      await workers.whenBegun(0);
      await first.server.close();
      const second = await startLab(open, define);
      await workers.whenBegun(0, 0);
      await refuse(second);
      workers.finish(0);
      await until(() => workers.exits.length === 1, 'it ends');
      await until(() => second.app.backgroundTasks.size === 0, 'its place is free');
      await second.client.run(work, { i: 2 });
      await workers.whenBegun(0, 0, 2);
      workers.finish(2);
      await until(() => workers.exits.length === 2, 'it ends');
      expect(workers.exits).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    });

    it('replace: the older one is cancelled, whether it runs or waits for its next attempt', async () => {
      const begun: number[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            ...{ durable, onExit: leaveOutcome, args: (t) => ({ i: t.int({ required: true }) }) },
            concurrency: { limit: 1, onLimit: 'replace' },
          })
          .resolve(async (self, { i }) => {
            begun.push(i);
            if (i === 0) throw new Error('once');
            if (i === 1) await self.sleep(laterMs);
          });
      });
      const { id } = await lab.client.run(work, { i: 0 });
      await until(() => lab.failures.length === 1, 'it has failed');
      await whenBackingOff(lab, id);
      for (const i of [1, 2]) {
        await lab.client.run(work, { i });
        await until(() => begun.at(-1) === i, 'the next runs');
      }
      await whenEnded(lab, 3);
      expect(begun).toEqual([0, 1, 2]);
      expect(await statuses(lab.client)).toEqual(['CANCELLED', 'CANCELLED', 'SUCCEEDED']);
      expect(await lines(lab)).toEqual(['CANCELLED', 'CANCELLED', 'SUCCEEDED']);
    });
  });

  describe('cancelOn: disconnect of durable tasks', () => {
    it('cancels the one that runs and the one that waits for its next attempt, for good', async () => {
      const begun: number[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            ...{ durable, onExit: leaveOutcome, args: (t) => ({ i: t.int({ required: true }) }) },
            ...{ cancelOn: 'disconnect', graceMs: 0 },
          })
          .resolve(async (self, { i }) => {
            begun.push(i);
            if (i === 0) throw new Error('once');
            await self.sleep(laterMs);
          });
      });
      const subscription = lab.connect().subscribe('subscription { cell(token: "T") { version } }');
      await subscription.next();
      const { id } = await lab.client.run(work, { i: 0 });
      await lab.client.run(work, { i: 1 });
      await until(() => begun.length === 2, 'both have begun');
      await whenBackingOff(lab, id);
      await subscription.close();
      await until(async () => (await lines(lab)).length === 2, 'both onExit');
      await whenEnded(lab, 2);
      expect(await lab.client.run(list)).toMatchObject(Array(2).fill({ status: 'CANCELLED' }));
      expect(begun).toHaveLength(2);
    });
  });
}
