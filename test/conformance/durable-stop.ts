import { describe, expect, it } from 'vitest';
import type { DurableTasks } from '../../src/store/durable-tasks.ts';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { laterMs, leaveOutcome, read, start, whenEnded } from '../support/durable.ts';
import { forwardDurable, forwardTo } from '../support/forward-store.ts';
import { type LabBuilder, startLab } from '../support/lab.ts';
import { until } from '../support/until.ts';
import type { CreateRestartable } from './restart.ts';

/** What happens in the very moment in which a server stops. */
export function durableStopTests(createRestartable: CreateRestartable): void {
  describe('a durable task that is triggered when its server has stopped is run by the next', () => {
    it('by an event that held its lock for longer than graceMs', async () => {
      const open = createRestartable();
      const inside = new Deferred();
      const goOn = new Deferred();
      const begun: number[] = [];
      const define = (builder: LabBuilder) => {
        const Cell = defineCell(builder);
        const work = Cell.background('work', { durable: true }).resolve(async (self) => {
          begun.push(self.n);
        });
        Cell.event('slow').resolve(async (s) => {
          inside.resolve();
          await goOn.promise;
          s.n += 1;
          return work;
        });
      };
      const first = await startLab(open, define);
      const slow = first.client.result('mutation { cellSlow(token: "T") { version } }');
      await inside.promise;
      const closed = first.app.close({ graceMs: 0 });
      goOn.resolve();
      await Promise.all([slow, closed]);
      expect(begun).toEqual([]);
      const second = await startLab(open, define);
      expect(await whenEnded(second)).toMatchObject([{ event: 'work', status: 'SUCCEEDED' }]);
      expect(begun).toEqual([1]);
    });

    it('by the onExit of a task that is cancelled by the stop', async () => {
      const open = createRestartable();
      const begun: string[] = [];
      const define = (builder: LabBuilder) => {
        const Cell = defineCell(builder);
        const child = Cell.background('child', { durable: true }).resolve(async (self) => {
          begun.push(...self.lines);
        });
        const onExit = (s: { lines: string[] }, exit: { outcome: string }) => {
          leaveOutcome(s, exit);
          return child;
        };
        Cell.background('work', { onExit }).resolve((self) => self.sleep(laterMs));
      };
      const first = await startLab(open, define);
      await first.client.run(start);
      await first.server.close();
      expect(begun).toEqual([]);
      const second = await startLab(open, define);
      await until(() => begun.length === 1, 'its child runs');
      expect(begun).toEqual(['CANCELLED']);
      await whenEnded(second);
    });
  });

  describe('a durable task whose attempt begins just when its server stops', () => {
    it.each(['read', 'claim'] as const)(
      'is handed back unseen, and runs in the next (the store is slow to %s)',
      async (step) => {
        const open = createRestartable();
        const asked = new Deferred();
        const goOn = new Deferred();
        const slow = async () => {
          const store = await open();
          const durable = forwardDurable(store, (tasks) => ({
            async [step](...args: Parameters<DurableTasks['claim']>) {
              asked.resolve();
              await goOn.promise;
              return tasks[step](...args);
            },
          }));
          return forwardTo(store, { durable });
        };
        const begun: string[] = [];
        const define = (server: string) => (builder: LabBuilder) => {
          defineCell(builder)
            .background('work', { durable: { attempts: 1 }, onExit: leaveOutcome })
            .resolve(async () => {
              begun.push(server);
            });
        };
        const first = await startLab(slow, define('first'));
        await first.client.run(start);
        await asked.promise;
        const closed = first.app.close({ graceMs: 0 });
        goOn.resolve();
        await closed;
        const second = await startLab(open, define('second'));
        const attempt = step === 'read' ? 1 : 2;
        expect(await whenEnded(second)).toMatchObject([{ status: 'SUCCEEDED', attempt }]);
        expect(begun).toEqual(['second']);
        expect((await second.client.run(read)).lines).toEqual(['SUCCEEDED']);
        expect([first, second].flatMap(({ failures }) => failures)).toEqual([]);
      },
    );
  });
}
