import { setTimeout as timer } from 'node:timers/promises';
import type { BoundEvent } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { increment, laterMs, list, read, start, whenEnded } from '../support/durable.ts';
import { forwardTo } from '../support/forward-store.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { until } from '../support/until.ts';

/** What attempts at durable tasks trigger. */
export function durableFollowUpTests(createStore: StoreFactory): void {
  describe('an attempt at a durable task that another one has taken the place of', () => {
    it.each([
      'a durable task in a lock',
      'a task in a lock',
      'a durable task',
      'a task',
      'an event',
    ])('triggers nothing any more, and is told (%s)', async (what) => {
      const goOn = new Deferred();
      const begun: string[] = [];
      const seen: unknown[] = [];
      const lab = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const event = Cell.event('event').resolve(increment);
        const child = Cell.background('child', {
          durable: what.startsWith('a durable task'),
        }).resolve(async () => {
          begun.push('child');
        });
        Cell.background('work', { durable: { attempts: 1 } }).resolve(async (self) => {
          begun.push(`attempt ${self.attempt}`);
          if (self.attempt > 1) return;
          await goOn.promise;
          if (what.endsWith('in a lock')) {
            await self.modifyState((s) => s.trigger(child)).catch(({ code }) => seen.push(code));
          } else self.trigger(what === 'an event' ? event : child);
          await self.sleep(laterMs).catch(() => {});
          seen.push(self.signal.reason.code);
        });
      });
      const { app, client, store } = lab;
      const key = app.keyOf('T');
      const { id } = await client.run(start);
      await until(() => begun.length === 1, 'it runs');
      await store.durable?.claim(key, id);
      goOn.resolve();
      await until(() => app.backgroundTasks.size === 0, 'the first is over');
      await until(async () => {
        await store.durable?.handOver(key, id);
        return begun.length === 2;
      }, 'there is another');
      expect(await whenEnded(lab)).toMatchObject([{ id, status: 'SUCCEEDED', attempt: 3 }]);
      expect(begun).toEqual(['attempt 1', 'attempt 3']);
      expect(new Set(seen)).toEqual(new Set(['SUPERSEDED']));
      expect(await client.run(list)).toHaveLength(1);
      expect((await client.run(read)).n).toBe(0);
      expect(lab.failures).toEqual([]);
    });
  });

  describe('what an attempt has triggered just before it throws is run', () => {
    it.each([
      ['self.trigger', 1],
      ['self.trigger', 2],
      ['yield', 1],
      ['yield', 2],
    ])('%s, attempt 1 of %i, on a store that takes its time', async (how, attempts) => {
      const begun: string[] = [];
      const slow = async () => {
        const store = await createStore();
        return forwardTo(store, {
          async trackTasks(key, changes) {
            if (changes.by && changes.ended.length === 0) await timer(20);
            await store.trackTasks(key, changes);
          },
        });
      };
      const lab = await startLab(slow, (builder) => {
        const Cell = defineCell(builder);
        const event = Cell.event('event').resolve(increment);
        const child = Cell.background('child', { durable: true }).resolve(async () => {
          begun.push('child');
        });
        Cell.background('work', { durable: { attempts, backoffMs: 1 } }).resolve(
          async function* (self): AsyncGenerator<BoundEvent, void> {
            begun.push(`attempt ${self.attempt}`);
            if (self.attempt > 1) return;
            if (how === 'yield') yield* [child, event];
            else for (const call of [child, event]) self.trigger(call);
            throw new Error('once');
          },
        );
      });
      await lab.client.run(start);
      const tasks = await whenEnded(lab, 2);
      await until(async () => (await lab.client.run(read)).n === 1, 'the event has run');
      expect(tasks.map(({ event, status }) => [event, status])).toEqual([
        ['work', attempts === 1 ? 'FAILED' : 'SUCCEEDED'],
        ['child', 'SUCCEEDED'],
      ]);
      expect(begun.toSorted()).toEqual(
        ['attempt 1', 'attempt 2'].slice(0, attempts).concat('child'),
      );
      expect(lab.failures).toMatchObject([{ error: { message: 'once' } }]);
    });
  });
}
