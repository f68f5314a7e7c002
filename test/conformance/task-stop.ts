import { setTimeout as timer } from 'node:timers/promises';
import { TaskCancelledError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { type LabBuilder, startLab } from '../support/lab.ts';
import { statusesOf } from '../support/task-statuses.ts';
import { until } from '../support/until.ts';
import type { CreateRestartable } from './restart.ts';

const read = '{ cell(token: "T") { n lines } }';
const start = 'mutation { cellWork(token: "T") { id status } }';

export function taskStopTests(createRestartable: CreateRestartable): void {
  describe('a server that stops', () => {
    it('with graceMs 0 cancels every task at once, and leaves none (22)', async () => {
      const open = createRestartable();
      const reasons: unknown[] = [];
      const define = (builder: LabBuilder) => {
        const concurrency = { limit: 1 };
        const onExit = (s: { lines: string[] }, { outcome }: { outcome: string }) =>
          void s.lines.push(outcome);
        defineCell(builder)
          .background('work', { concurrency, onExit })
          .resolve(async (self) => {
            await self.sleep(3_600_000).catch(() => reasons.push(self.signal.reason));
          });
      };
      const { app, client } = await startLab(open, define);
      await client.run(start);
      await client.run(start);
      await app.close({ graceMs: 0 });
      expect(app.backgroundTasks.size).toBe(0);
      expect(reasons).toEqual([expect.any(TaskCancelledError)]);
      const later = await startLab(open, define);
      expect((await later.client.run(read)).lines).toEqual(['CANCELLED', 'CANCELLED']);
      expect(await statusesOf(later.client)).toEqual({ work: ['CANCELLED', 'CANCELLED'] });
    });

    it('with a grace tells its tasks: those that end their work have succeeded, the others are cancelled (22)', async () => {
      const open = createRestartable();
      const told: string[] = [];
      const begun: string[] = [];
      const define = (builder: LabBuilder) => {
        const Cell = defineCell(builder);
        const late = Cell.background('late').resolve(async (self) => {
          await self.sleep(3_600_000).catch((error) => {
            told.push(error.code);
            throw error;
          });
        });
        Cell.background('work').resolve((self) => self.sleep(3_600_000));
        Cell.background('last').resolve(async (self) => {
          begun.push('last');
          await self.sleep(3_600_000).catch((error) => told.push(error.code));
          self.trigger(late);
          await self.modifyState((s) => void s.lines.push('the last'));
        });
        Cell.background('waiting', { concurrency: { limit: 1 } }).resolve(async (self) => {
          begun.push('waiting');
          await self.sleep(3_600_000);
        });
      };
      const { app, client } = await startLab(open, define);
      await client.run(start);
      for (const event of ['Last', 'Waiting', 'Waiting']) {
        await client.run(`mutation { cell${event}(token: "T") { id } }`);
      }
      await until(() => begun.length === 2, 'they run');
      await app.close({ graceMs: 10_000 });
      expect(app.backgroundTasks.size).toBe(0);
      expect(told[0]).toBe('SHUTTING_DOWN');
      const later = await startLab(open, define);
      expect(await statusesOf(later.client)).toEqual({
        work: ['CANCELLED'],
        last: ['SUCCEEDED'],
        waiting: ['CANCELLED', 'CANCELLED'],
        late: ['CANCELLED'],
      });
      expect((await later.client.run(read)).lines).toEqual(['the last']);
    });

    it('with a grace does what is in the queue, in its order (22)', async () => {
      const open = createRestartable();
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .event('slow', { args: (t) => ({ line: t.string({ required: true }) }) })
          .resolve(async (s, { line }) => {
            await timer(50);
            s.lines.push(line);
          });
      };
      const { app, client } = await startLab(open, define);
      const slow = 'mutation ($line: String!) { cellSlow(token: "T", line: $line) { version } }';
      const order = Array.from({ length: 10 }, (_, i) => String(i));
      const events = order.map((line) => client.run(slow, { line }));
      const key = app.keyOf('T');
      await until(() => [...app.tokens()].includes(key), 'they are there');
      await events[0];
      await app.close({ graceMs: 2_000 });
      await Promise.all(events);
      expect(app.backgroundTasks.size).toBe(0);
      const later = await startLab(open, define);
      expect((await later.client.run(read)).lines).toEqual(order);
    });
  });
}
