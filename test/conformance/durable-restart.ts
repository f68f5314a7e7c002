import { setTimeout as timer } from 'node:timers/promises';
import { ShuttingDownError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { leaveOutcome, list, read, start, whenBackingOff, whenEnded } from '../support/durable.ts';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { statuses } from '../support/task-statuses.ts';
import { until } from '../support/until.ts';
import { work } from '../support/workers.ts';
import type { CreateRestartable } from './restart.ts';

/** A server whose store goes away under it: it can say nothing of its tasks. */
async function startForCrash(
  open: StoreFactory,
  define: (builder: LabBuilder) => void,
  options: object = {},
) {
  const lab = await startLab(open, define, options);
  const crash = async () => {
    await lab.store.close();
    await lab.server.close();
  };
  return { ...lab, crash };
}

export function durableRestartTests(createRestartable: CreateRestartable): void {
  describe('a durable task of a server that stops', () => {
    it('goes on in the next one from its checkpoint: neither CANCELLED nor LOST, nor has it failed', async () => {
      const open = createRestartable();
      const seen: unknown[] = [];
      const reasons: unknown[] = [];
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 1 }, onExit: leaveOutcome })
          .resolve(async (self) => {
            seen.push([self.attempt, self.resumed]);
            for (let i = Number(self.resumed ?? 0); i < 3; i += 1) {
              await self.modifyState((s) => {
                s.lines.push(String(i));
                self.checkpoint(i + 1);
              });
              if (i !== self.attempt) continue;
              await self.sleep(3_600_000).catch((error) => {
                reasons.push(self.signal.reason);
                throw error;
              });
            }
          });
      };
      const first = await startLab(open, define);
      const { id } = await first.client.run(start);
      await until(async () => (await first.client.run(read)).lines.length === 2, 'half is done');
      await first.server.close();
      expect(reasons).toEqual([expect.any(ShuttingDownError)]);
      const second = await startLab(open, define);
      // At 2 it sleeps again.
      await until(async () => (await second.client.run(read)).lines.length === 3, 'it goes on');
      expect(await second.client.run(list)).toMatchObject([{ id, status: 'RUNNING', attempt: 2 }]);
      await second.server.close();
      const third = await startLab(open, define);
      expect(await whenEnded(third)).toMatchObject([{ id, status: 'SUCCEEDED', attempt: 3 }]);
      expect(seen).toEqual([
        [1, null],
        [2, 2],
        [3, 3],
      ]);
      expect((await third.client.run(read)).lines).toEqual(['0', '1', '2', 'SUCCEEDED']);
      expect([first, second, third].flatMap(({ failures }) => failures)).toEqual([]);
    });

    it('has its arguments and its context again', async () => {
      const open = createRestartable();
      const seen: unknown[] = [];
      const end = new Deferred();
      const define = (builder: LabBuilder) =>
        defineCell(builder)
          .background('work', {
            durable: true,
            args: (t) => ({ i: t.int({ required: true }), tags: t.stringList(), no: t.string() }),
          })
          .resolve(async (self, args) => {
            seen.push({ args, context: self.context });
            if (self.attempt === 1) await self.sleep(3_600_000);
            end.resolve();
          });
      const options = {
        taskContext: ({ user }: { user?: string }) => ({
          user: user ?? null,
          deep: [1, { a: true }],
        }),
      };
      let event!: ReturnType<typeof define>;
      const defineFirst = (builder: LabBuilder) => {
        event = define(builder);
      };
      const first = await startLab(open, defineFirst, options);
      const call = event.with({ i: 7, tags: ['a', 'ü'], no: null });
      await first.app.dispatch(call, first.app.keyOf('T'), { context: { user: 'ada' } });
      await until(() => seen.length === 1, 'it runs');
      await first.server.close();
      await startLab(open, define, options);
      await end.promise;
      const expected = {
        args: { i: 7, tags: ['a', 'ü'], no: null },
        context: { user: 'ada', deep: [1, { a: true }] },
      };
      expect(seen).toEqual([expected, expected]);
    });

    it('goes on also if its handler ignores its signal, which can change nothing more', async () => {
      const open = createRestartable();
      const goOn = new Deferred();
      const over = new Deferred();
      const late: unknown[] = [];
      const begun: number[] = [];
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 1 }, onExit: leaveOutcome })
          .resolve(async (self) => {
            begun.push(self.attempt);
            if (self.attempt > 1) return self.modifyState((s) => void s.lines.push('second'));
            await goOn.promise;
            await self.modifyState((s) => void s.lines.push('late')).catch((e) => late.push(e));
            try {
              self.report(1);
            } catch (error) {
              late.push(error);
            }
            over.resolve();
          });
      };
      const first = await startLab(open, define);
      await first.client.run(start);
      await until(() => begun.length === 1, 'it runs');
      await first.server.close();
      const second = await startLab(open, define);
      expect(await whenEnded(second)).toMatchObject([{ status: 'SUCCEEDED', attempt: 2 }]);
      goOn.resolve();
      await over.promise;
      expect(late).toEqual(Array(2).fill(expect.any(ShuttingDownError)));
      expect((await second.client.run(read)).lines).toEqual(['second', 'SUCCEEDED']);
      expect(first.failures).toEqual([]);
    });

    it('is handed back at once, whatever grace others have', async () => {
      const open = createRestartable();
      const reasons: unknown[] = [];
      const inside = new Deferred();
      const goOn = new Deferred();
      const define = (builder: LabBuilder) => {
        const Cell = defineCell(builder);
        Cell.background('work', { durable: { attempts: 1 } }).resolve(async (self) => {
          if (self.attempt > 1) return;
          await self.sleep(3_600_000).catch(() => reasons.push(self.signal.reason));
        });
        Cell.event('slow').resolve(async () => {
          inside.resolve();
          await goOn.promise;
        });
      };
      const first = await startLab(open, define);
      await first.client.run(start);
      await until(async () => (await statuses(first.client))[0] === 'RUNNING', 'it runs');
      const slow = first.client.result('mutation { cellSlow(token: "U") { version } }');
      await inside.promise;
      // Far longer than the test may take.
      const closed = first.app.close({ graceMs: 120_000 });
      await until(() => reasons.length === 1, 'it is told, while an event is at hand');
      goOn.resolve();
      await Promise.all([slow, closed]);
      expect(reasons).toEqual([expect.any(ShuttingDownError)]);
      const second = await startLab(open, define);
      expect(await whenEnded(second)).toMatchObject([{ status: 'SUCCEEDED', attempt: 2 }]);
    });

    it('that waits for its next attempt makes it in the next server, and has failed as often as before', async () => {
      const open = createRestartable();
      const begun: number[] = [];
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 2, backoffMs: 1_000 }, onExit: leaveOutcome })
          .resolve(async (self) => {
            begun.push(self.attempt);
            throw new Error(`attempt ${self.attempt}`);
          });
      };
      const first = await startLab(open, define);
      const { id } = await first.client.run(start);
      await until(() => first.failures.length === 1, 'it has failed once');
      await whenBackingOff(first, id);
      await first.server.close();
      const second = await startLab(open, define);
      expect(await whenEnded(second)).toMatchObject([{ id, status: 'FAILED', attempt: 2 }]);
      expect(begun).toEqual([1, 2]);
      expect((await second.client.run(read)).lines).toEqual(['FAILED']);
    });

    it('that waits for its turn has it in the next server, in the same order, one at a time', async () => {
      const open = createRestartable();
      const begun: number[] = [];
      const goOn = new Deferred();
      let atOnce = 0;
      let most = 0;
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', {
            durable: { attempts: 1 },
            concurrency: { limit: 1 },
            onExit: leaveOutcome,
            args: (t) => ({ i: t.int({ required: true }) }),
          })
          .resolve(async (self, { i }) => {
            begun.push(i);
            atOnce += 1;
            most = Math.max(most, atOnce);
            try {
              if (self.attempt === 1 && i === 0) await self.sleep(3_600_000);
              await goOn.promise;
              await self.modifyState((s) => void s.lines.push(String(i)));
            } finally {
              atOnce -= 1;
            }
          });
      };
      const first = await startLab(open, define);
      for (const i of [0, 1, 2, 3]) await first.client.run(work, { i });
      await until(() => begun.length === 1, 'the first runs');
      await first.server.close();
      const second = await startLab(open, define);
      await until(() => begun.length === 2, 'it runs again');
      expect((await statuses(second.client)).sort()).toEqual([
        ...['QUEUED', 'QUEUED', 'QUEUED', 'RUNNING'],
      ]);
      goOn.resolve();
      await whenEnded(second, 4);
      // The place is free.
      await second.client.run(work, { i: 4 });
      expect(new Set((await whenEnded(second, 5)).map(({ status }) => status))).toEqual(
        new Set(['SUCCEEDED']),
      );
      expect(begun).toEqual([0, 0, 1, 2, 3, 4]);
      expect(most).toBe(1);
      const { lines } = await second.client.run(read);
      expect(lines.filter((line: string) => line !== 'SUCCEEDED')).toEqual([...'01234']);
    });

    it('that waits for its turn has it in the same order also after more than idleTtlMs', async () => {
      const open = createRestartable();
      const limits = { idleTtlMs: 300 };
      const begun: number[] = [];
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', {
            durable: { attempts: 1 },
            concurrency: { limit: 1 },
            args: (t) => ({ i: t.int({ required: true }) }),
          })
          .resolve(async (self, { i }) => {
            begun.push(i);
            if (self.attempt === 1 && i === 0) await self.sleep(3_600_000);
          });
      };
      const first = await startLab(open, define, { limits });
      const order = Array.from({ length: 8 }, (_, i) => i);
      for (const i of order) await first.client.run(work, { i });
      await until(() => begun.length === 1, 'the first runs');
      await first.server.close();
      await timer(limits.idleTtlMs * 2);
      const second = await startLab(open, define, { limits });
      await whenEnded(second, order.length);
      expect(begun).toEqual([0, ...order]);
    });

    it('that was triggered by the last commit begins in the next server', async () => {
      const open = createRestartable();
      const define = (builder: LabBuilder) => {
        const Cell = defineCell(builder);
        const work = Cell.background('work', { durable: true, onExit: leaveOutcome }).resolve(
          (self) => self.modifyState((s) => void s.lines.push('worked')),
        );
        Cell.event('push').resolve((s) => {
          s.n += 1;
          return Array(20).fill(work);
        });
      };
      const first = await startForCrash(open, define);
      await first.client.run('mutation { cellPush(token: "T") { version } }');
      await first.crash();
      const second = await startLab(open, define);
      expect(new Set((await whenEnded(second, 20)).map(({ status }) => status))).toEqual(
        new Set(['SUCCEEDED']),
      );
      const { n, lines } = await second.client.run(read);
      expect([n, lines.filter((line: string) => line === 'SUCCEEDED')]).toEqual([
        1,
        Array(20).fill('SUCCEEDED'),
      ]);
    });
  });

  describe('a durable task whose event is gone', () => {
    const other = (builder: LabBuilder) => {
      const Cell = defineCell(builder);
      Cell.background('other', { durable: true, onExit: leaveOutcome }).resolve(async (self) => {
        await self.modifyState((s) => void s.lines.push(`other ${self.attempt}`));
        if (self.attempt === 1) await self.sleep(3_600_000);
      });
      return Cell;
    };
    const both = (builder: LabBuilder) =>
      void other(builder)
        .background('work', { durable: { attempts: 1 }, onExit: leaveOutcome })
        .resolve(async (self) => {
          await self.modifyState((s) => void s.lines.push(`work ${self.attempt}`));
          if (self.attempt === 1) await self.sleep(3_600_000);
        });

    it('waits until it is back, and keeps no other waiting', async () => {
      const open = createRestartable();
      const first = await startLab(open, both);
      await first.client.run(start);
      await first.client.run('mutation { cellOther(token: "T") { id } }');
      await until(async () => (await first.client.run(read)).lines.length === 2, 'both run');
      await first.server.close();
      const second = await startLab(open, (builder) => void other(builder));
      await until(
        async () => (await second.client.run(read)).lines.at(-1) === 'SUCCEEDED',
        'the other ends',
      );
      await until(
        () =>
          second.logs.some(({ level, message }) => level === 'warn' && /Cell\.work/.test(message)),
        'it is told of',
      );
      await second.client.run('mutation { cellOther(token: "T") { id } }');
      await until(async () => (await second.client.run(read)).lines.length === 5, 'others begin');
      await second.server.close();
      const third = await startLab(open, both);
      await until(
        async () => (await third.client.run(read)).lines.filter(isEnd).length === 3,
        'all have ended',
      );
      const { lines } = await third.client.run(read);
      const worked = lines.filter((line: string) => line.includes('work'));
      expect(worked).toEqual(['work 1', 'work 2']);
      expect(lines.filter(isEnd)).toEqual(Array(3).fill('SUCCEEDED'));
    });

    it('as a durable one is run once more, and has its turn among those that are not', async () => {
      const open = createRestartable();
      const begun: string[] = [];
      const limited = (durable: boolean) => (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', { durable, concurrency: { limit: 1 }, onExit: leaveOutcome })
          .resolve(async (self) => {
            begun.push(`${self.taskId} ${durable}`);
            if (durable) await self.sleep(3_600_000);
            else throw new Error('once more');
          });
      };
      const first = await startLab(open, limited(true));
      const left = await first.client.run(start);
      await until(() => begun.length === 1, 'it runs');
      await first.server.close();
      const second = await startLab(open, limited(false));
      const { id } = await second.client.run(start);
      await whenEnded(second, 2);
      expect(begun).toEqual([`${left.id} true`, `${left.id} false`, `${id} false`]);
      expect(await statuses(second.client)).toEqual(['FAILED', 'FAILED']);
      expect((await second.client.run(read)).lines).toEqual(['FAILED', 'FAILED']);
    });
  });

  describe('a durable task that is interrupted', () => {
    const begun: number[] = [];
    /** Sleeps in its first `times` attempts, after a checkpoint or without one. */
    const define =
      (times: number, saves = false) =>
      (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 1 }, onExit: leaveOutcome })
          .resolve(async (self) => {
            if (saves) await self.modifyState(() => self.checkpoint(self.attempt));
            begun.push(self.attempt);
            if (self.attempt <= times) await self.sleep(3_600_000);
          });
      };
    const limits = { interruptionsPerTask: 1 };

    async function crashTimes(open: StoreFactory, times: number, how = define(times)) {
      begun.length = 0;
      for (let i = 0; i < times; i += 1) {
        const lab = await startForCrash(open, how, { limits });
        if (i === 0) await lab.client.run(start);
        await until(() => begun.length === i + 1, 'it runs');
        await lab.crash();
      }
    }

    it('goes on, as often as interruptionsPerTask says', async () => {
      const open = createRestartable();
      await crashTimes(open, 1);
      const lab = await startLab(open, define(1), { limits });
      expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 2 }]);
      expect((await lab.client.run(read)).lines).toEqual(['SUCCEEDED']);
    });

    it('once more has FAILED with TASK_INTERRUPTED: its handler does not run, its onExit does', async () => {
      const open = createRestartable();
      await crashTimes(open, 2);
      const lab = await startLab(open, define(2), { limits });
      const error = { code: 'TASK_INTERRUPTED' };
      expect(await whenEnded(lab)).toMatchObject([{ status: 'FAILED', attempt: 3, error }]);
      expect(begun).toEqual([1, 2]);
      expect((await lab.client.run(read)).lines).toEqual(['FAILED']);
      expect(lab.failures).toMatchObject([{ error: { code: 'TASK_INTERRUPTED' } }]);
    });

    it('and gets further each time goes on as often as it takes', async () => {
      const open = createRestartable();
      await crashTimes(open, 3, define(3, true));
      const lab = await startLab(open, define(3, true), { limits });
      expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 4 }]);
    });

    it('by a server that stops in good order is not counted', async () => {
      const open = createRestartable();
      begun.length = 0;
      const never = { limits: { interruptionsPerTask: 0 } };
      for (const i of [1, 2]) {
        const lab = await startLab(open, define(2), never);
        if (i === 1) await lab.client.run(start);
        await until(() => begun.length === i, 'it runs');
        await lab.server.close();
      }
      const last = await startLab(open, define(2), never);
      expect(await whenEnded(last)).toMatchObject([{ status: 'SUCCEEDED', attempt: 3 }]);
    });
  });
}

function isEnd(line: string): boolean {
  return /^[A-Z]+$/.test(line);
}
