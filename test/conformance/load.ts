import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';

const iterations = 50;

/** A counter that everything counts up: loops of locks, follow-ups, coroutines, events. */
function defineCrowd(builder: LabBuilder): void {
  const Crowd = builder.state('Crowd', {
    vars: (t) => ({ counter: t.int({ default: 0 }) }),
    computed: (t) => ({ mirror: t.int({ resolve: (s) => s.counter }) }),
  });
  const increment = Crowd.event('increment').resolve((s) => {
    s.counter += 1;
  });
  Crowd.event('pause').resolve(async () => {
    await sleep(20);
  });
  const addOne = Crowd.background('addOne', {
    args: (t) => ({ by: t.int({ required: true }) }),
  }).resolve(async (self, { by }) => {
    await self.modifyState((s) => {
      s.counter += by;
    });
  });
  Crowd.background('lockLoop').resolve(async (self) => {
    for (let i = 0; i < iterations; i += 1) {
      await self.modifyState((s) => {
        s.counter += 1;
      });
      await sleep(5);
    }
  });
  Crowd.background('yieldLoop').resolve(async function* () {
    for (let i = 0; i < iterations; i += 1) {
      if (i % 2 === 0) yield addOne.with({ by: 1 });
      else yield increment;
    }
  });
  Crowd.background('racy').resolve(async (self) => {
    const coroutine = async () => {
      for (let i = 0; i < iterations; i += 1) {
        await self.modifyState((s) => {
          s.counter += 1;
        });
      }
    };
    await Promise.all([coroutine(), coroutine(), coroutine(), coroutine()]);
  });
}

const everyone: readonly (readonly [field: string, times: number])[] = [
  ['LockLoop', 4],
  ['YieldLoop', 4],
  ['Increment', 20],
  ['Pause', 5],
];

export function loadTests(createStore: StoreFactory): void {
  describe('under load', () => {
    it.each([
      ['loops, follow-ups and events at once lose no increment (1)', everyone, 420],
      [
        'loops, follow-ups, events and coroutines on one self at once lose no increment (1)',
        [...everyone, ['Racy', 1] as const],
        620,
      ],
    ])('%s', async (_name, crowd, counter) => {
      const { app, client, failures } = await startLab(createStore, defineCrowd);
      const run = (field: string) =>
        client.run(`mutation { crowd${field}(token: "T") { __typename } }`);
      await Promise.all(
        crowd.flatMap(([field, times]) => Array.from({ length: times }, () => run(field))),
      );
      await noTask(app);
      await run('Pause'); // behind every follow-up in the queue
      expect(await client.run('{ crowd(token: "T") { counter mirror version } }')).toEqual({
        counter,
        mirror: counter,
        version: counter,
      });
      expect(app.backgroundTasks.size).toBe(0);
      expect(failures).toEqual([]);
    });

    it('a thousand events that one task triggers all run, and versions rise without a hole (6)', async () => {
      const { app, client, failures } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const add = Cell.event('add').resolve((s) => {
          s.n += 1;
        });
        Cell.event('mark').resolve((s) => {
          s.lines.push('end');
        });
        Cell.background('work').resolve(async (self) => {
          for (let i = 0; i < 1_000; i += 1) self.trigger(add);
        });
      });
      const subscription = client.subscribe(
        'subscription { cell(token: "T") { version since reset state { n lines } } }',
      );
      let before = await subscription.next();
      await client.run('mutation { cellWork(token: "T") { id } }');
      await noTask(app);
      // Behind all that was triggered.
      await client.run('mutation { cellMark(token: "T") { version } }');
      const diffs = await subscription.takeUntil(({ state }) => state.lines.length > 0);
      for (const diff of diffs) {
        expect(diff.reset).toBe(false);
        expect(diff.since).toBe(before.version);
        expect(diff.version).toBeGreaterThan(before.version);
        before = diff;
      }
      expect(before).toMatchObject({ version: 1_001, state: { n: 1_000 } });
      expect(failures).toEqual([]);
    });
  });
}
