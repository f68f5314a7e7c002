import { type StateStore, StoreUnavailableError, TaskCancelledError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import type { Data } from '../support/socket-client.ts';
import { until } from '../support/until.ts';

const start = 'mutation { cellWork(token: "T") { id progress message } }';
const cancel = 'mutation ($id: ID!) { cancelTask(token: "T", id: $id) { progress message } }';
const task = 'query ($id: ID!) { task(token: "T", id: $id) { status progress message } }';
const watch = 'subscription { tasks(token: "T") { status progress message } }';

interface Reporting {
  report(progress: number, message?: string): void;
}

/** What `report` throws for what no type would let through. */
function refusal(self: Reporting, ...args: unknown[]): unknown {
  try {
    self.report(...(args as [number, string?]));
  } catch (error) {
    return error;
  }
  return null;
}

export function taskProgressTests(createStore: StoreFactory): void {
  describe('the progress of a task', () => {
    it('rises, and is seen by who watches and who asks; a message stays until there is another', async () => {
      const steps = [new Deferred(), new Deferred(), new Deferred()] as const;
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            await steps[0].promise;
            self.report(0.25, 'a message');
            await steps[1].promise;
            self.report(0.5);
            await steps[2].promise;
            self.report(0.75, '');
            self.report(1);
          });
      });
      const subscription = client.subscribe(watch);
      const { id, ...before } = await client.run(start);
      expect(before).toEqual({ progress: null, message: null });
      expect(await subscription.next()).toEqual({ status: 'RUNNING', ...before });
      steps[0].resolve();
      const first = { status: 'RUNNING', progress: 0.25, message: 'a message' };
      expect(await subscription.next()).toEqual(first);
      expect(await client.run(task, { id })).toEqual(first);
      steps[1].resolve();
      const second = { status: 'RUNNING', progress: 0.5, message: 'a message' };
      expect(await subscription.next()).toEqual(second);
      expect(await client.run(task, { id })).toEqual(second);
      steps[2].resolve();
      const last = { status: 'SUCCEEDED', progress: 1, message: '' };
      await subscription.takeUntil(({ status }) => status === 'SUCCEEDED');
      await noTask(app);
      expect(await client.run(task, { id })).toEqual(last);
    });

    it('is from 0 to 1, its message up to 1,000 characters: anything else changes nothing', async () => {
      const seen: unknown[] = [];
      const goOn = new Deferred();
      const done = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            self.report(0, 'x'.repeat(1_000));
            for (const progress of [NaN, -0.1, 1.1, Infinity, '0.5', {}, null, undefined, 1n]) {
              seen.push(refusal(self, progress, 'wrong'));
            }
            for (const message of ['x'.repeat(1_001), 5, null, {}, Symbol('x')]) {
              seen.push(refusal(self, 0.5, message));
            }
            done.resolve();
            await goOn.promise;
          });
      });
      const { id } = await client.run(start);
      await done.promise;
      expect(seen).toEqual(Array(14).fill(expect.any(TypeError)));
      expect(await client.run(task, { id })).toMatchObject({
        progress: 0,
        message: 'x'.repeat(1_000),
      });
      goOn.resolve();
      await noTask(app);
      expect(await client.run(task, { id })).toMatchObject({ status: 'SUCCEEDED', progress: 0 });
    });

    it('stays as it was when the task is cancelled, whatever its handler says from then on', async () => {
      const goOn = new Deferred();
      const seen: unknown[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            self.report(0.1);
            self.report(0.2, 'before');
            await goOn.promise;
            seen.push(refusal(self, 0.9, 'after'), refusal(self, Number.NaN));
          });
      });
      const { id } = await client.run(start);
      const before = { progress: 0.2, message: 'before' };
      expect(await client.run(cancel, { id })).toEqual(before);
      goOn.resolve();
      await noTask(app);
      expect(seen).toEqual(Array(2).fill(expect.any(TaskCancelledError)));
      expect(await client.run(task, { id })).toEqual({ status: 'CANCELLED', ...before });
    });

    it('that is reported 100,000 times floods nobody, and the last is there at the end', async () => {
      let updates = 0;
      const count = (store: StateStore) =>
        forwardTo(store, {
          updateTask: (...args) => {
            updates += 1;
            return store.updateTask(...args);
          },
        });
      const { client } = await startLab(
        async () => count(await createStore()),
        (builder) => {
          defineCell(builder)
            .background('work')
            .resolve(async (self) => {
              for (let i = 1; i <= 100_000; i += 1) {
                self.report(i / 100_000, `${i}`);
                if (i % 10_000 === 0) await new Promise(setImmediate);
              }
            });
        },
      );
      const subscription = client.subscribe(watch);
      const startedAt = performance.now();
      await client.run(start);
      const seen = await subscription.takeUntil(({ status }) => status === 'SUCCEEDED');
      const tenths = Math.ceil((performance.now() - startedAt) / 100);
      expect(updates).toBeLessThanOrEqual(tenths + 1);
      expect(seen.length).toBeLessThanOrEqual(tenths + 3);
      expect(seen.at(-1)).toEqual({ status: 'SUCCEEDED', progress: 1, message: '100000' });
      const rising = seen.map(({ progress }) => progress ?? 0);
      expect(rising).toEqual([...rising].sort((a, b) => a - b));
    });

    it('waits for a store that is away, and the task does not', async () => {
      let isAway = false;
      let refused = 0;
      const goOn = new Deferred();
      const reported = new Deferred();
      const { client, logs, failures } = await startLab(
        async () => {
          const store = await createStore();
          return forwardTo(store, {
            async updateTask(...args) {
              if (!isAway) return store.updateTask(...args);
              refused += 1;
              throw new StoreUnavailableError();
            },
          });
        },
        (builder) => {
          defineCell(builder)
            .background('work')
            .resolve(async (self) => {
              await reported.promise;
              self.report(0.3, 'while it is away');
              self.report(0.4);
              await self.modifyState((s) => void s.lines.push('goes on'));
              await goOn.promise;
            });
        },
      );
      const subscription = client.subscribe(watch);
      await client.run(start);
      await subscription.next();
      isAway = true;
      reported.resolve();
      await until(() => refused > 0, 'the store refuses');
      const goesOn = async () =>
        (await client.run('{ cell(token: "T") { lines } }')).lines.length === 1;
      await until(goesOn, 'the task goes on');
      isAway = false;
      const isThere = ({ progress }: Data) => progress === 0.4;
      const [last] = (await subscription.takeUntil(isThere)).slice(-1);
      expect(last).toEqual({ status: 'RUNNING', progress: 0.4, message: 'while it is away' });
      goOn.resolve();
      await subscription.takeUntil(({ status }) => status === 'SUCCEEDED');
      expect(failures).toEqual([]);
      const warnings = logs.filter(({ message }) => message.startsWith('what a task reports'));
      expect(warnings).toHaveLength(1);
    });
  });
}
