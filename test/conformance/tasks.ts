import { setTimeout as sleep } from 'node:timers/promises';
import { TaskCancelledError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';

const read = '{ cell(token: "T") { n lines } }';
const increment = 'mutation { cellIncrement(token: "T") { state { n } } }';
const start = 'mutation { cellWork(token: "T") { id status } }';
const task = 'query ($id: ID!) { task(token: "T", id: $id) { status error { code message } } }';

export function taskTests(createStore: StoreFactory): void {
  describe('tasks', () => {
    it('read the snapshot of their start or last lock, and fresh state inside a lock (12)', async () => {
      const first = new Deferred();
      const goOn = new Deferred();
      const seen: number[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('work').resolve(async (self) => {
          seen.push(self.n);
          first.resolve();
          await goOn.promise;
          seen.push(self.n);
          const other = await self.getState(Cell);
          seen.push(other.n);
          await self.modifyState((s) => {
            seen.push(s.n, self.n);
          });
          seen.push(self.n, other.n);
        });
      });
      await client.run(start);
      await first.promise;
      await client.run(increment);
      goOn.resolve();
      await noTask(app);
      expect(seen).toEqual([0, 0, 0, 1, 0, 1, 1]);
    });

    it('may run any number of times at once (14)', async () => {
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            await self.modifyState((s) => {
              s.n += 1;
            });
            await goOn.promise;
            await self.modifyState((s) => {
              s.n += 1;
            });
          });
      });
      await Promise.all([client.run(start), client.run(start), client.run(start)]);
      expect(app.backgroundTasks.size).toBe(3);
      goOn.resolve();
      await noTask(app);
      expect((await client.run(read)).n).toBe(6);
    });

    it('do not stand in the way of events outside their locks (17)', async () => {
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(() => goOn.promise);
      });
      expect(await client.run(start)).toMatchObject({ status: 'RUNNING' });
      expect((await client.run(increment)).state.n).toBe(1);
      expect(app.backgroundTasks.size).toBe(1);
      goOn.resolve();
      await noTask(app);
    });

    it('lose updates when they compute from a snapshot, and none inside the lock (11)', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('work').resolve(async (self) => {
          const c = self.n;
          await sleep(5);
          await self.modifyState((s) => {
            s.n = c + 1;
          });
        });
        Cell.background('safe').resolve(async (self) => {
          await self.modifyState((s) => {
            s.n += 1;
          });
        });
      });
      const five = Array.from({ length: 5 });
      await Promise.all(five.map(() => client.run(start)));
      await noTask(app);
      expect((await client.run(read)).n).toBe(1);
      await Promise.all(five.map(() => client.run('mutation { cellSafe(token: "T") { id } }')));
      await noTask(app);
      expect((await client.run(read)).n).toBe(6);
    });

    it('that throw in a lock store nothing, end as FAILED, and are reported whole (18)', async () => {
      const { app, client, failures } = await startLab(
        createStore,
        (builder) => {
          defineCell(builder)
            .background('work')
            .resolve(async (self) => {
              await self.modifyState((s) => {
                s.n = 99;
                throw new Error('a secret');
              });
            });
        },
        { development: false },
      );
      const token = await client.run('mutation { issueToken }');
      const { id } = await client.run('mutation ($t: ID!) { cellWork(token: $t) { id } }', {
        t: token,
      });
      await noTask(app);
      const failed = await client.run(
        'query ($t: ID!, $id: ID!) { task(token: $t, id: $id) { status error { code message } } }',
        { t: token, id },
      );
      expect(failed).toEqual({
        status: 'FAILED',
        error: { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' },
      });
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatchObject({
        error: new Error('a secret'),
        source: { state: 'Cell', event: 'work', taskId: id },
      });
      const { state } = await client.run(
        'mutation ($t: ID!) { cellIncrement(token: $t) { state { n } } }',
        { t: token },
      );
      expect(state.n).toBe(1);
    });

    it('start after the commit that triggered them, also when it changed nothing', async () => {
      const seen: number[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const work = Cell.background('work').resolve(async (self) => {
          seen.push(self.n);
        });
        Cell.event('change').resolve((s) => {
          s.n = 5;
          s.trigger(work);
          return work;
        });
        Cell.event('nothing').resolve(() => work);
      });
      const change = await client.run(
        'mutation { cellChange(token: "T") { tasks { event status } } }',
      );
      expect(change.tasks).toHaveLength(2);
      await client.run('mutation { cellNothing(token: "T") { version } }');
      await noTask(app);
      expect(seen).toEqual([5, 5, 5]);
    });

    it('may be generators, and trigger events and tasks outside a lock', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const add = Cell.event('add', {
          args: (t) => ({ line: t.string({ required: true }) }),
        }).resolve((s, { line }) => void s.lines.push(line));
        const child = Cell.background('child', { internal: true }).resolve(async (self) => {
          await self.modifyState((s) => void s.lines.push('child'));
        });
        Cell.background('work').resolve(async function* (self) {
          yield add.with({ line: 'yielded' });
          self.trigger(add.with({ line: 'triggered' }));
          return child;
        });
      });
      await client.run(start);
      await noTask(app);
      expect((await client.run(read)).lines).toEqual(['yielded', 'triggered', 'child']);
      const { errors } = await client.result('mutation { cellChild(token: "T") { id } }');
      expect(errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    });

    it('keep what taskContext made of their request, and so does what they trigger', async () => {
      const seen: unknown[] = [];
      const { app, connect } = await startLab(
        createStore,
        (builder) => {
          const Cell = defineCell(builder);
          const event = Cell.event('event').resolve((_s, _args, context) => {
            seen.push(context);
          });
          Cell.background('work').resolve(async (self) => {
            seen.push(self.context);
            self.trigger(event);
          });
        },
        {
          taskContext: ({ user }) => ({ for: user }),
          eventContext: (taskContext) => ({ user: `task ${JSON.stringify(taskContext)}` }),
        },
      );
      const client = connect();
      await client.run(start);
      await until(() => seen.length === 2, 'the event of the task');
      expect(seen).toEqual([{ for: 'nobody' }, { user: 'task {"for":"nobody"}' }]);
      await noTask(app);
    });

    it('do not start if their context cannot be made; the commit that triggered them stands', async () => {
      const { client, failures } = await startLab(
        createStore,
        (builder) => {
          const Cell = defineCell(builder);
          const work = Cell.background('work').resolve(async () => {});
          Cell.event('trigger').resolve((s) => {
            s.n = 1;
            return work;
          });
        },
        { taskContext: () => ({ request: new URL('http://localhost') }) },
      );
      const trigger = 'mutation { cellTrigger(token: "T") { state { n } tasks { id } } }';
      expect(await client.run(trigger)).toEqual({ state: { n: 1 }, tasks: [] });
      expect(String(failures[0]?.error)).toMatch(/taskContext\(…\)\.request: an instance of URL/);
      const { errors } = await client.result(start);
      expect(errors?.[0]?.extensions?.['code']).toBe('VALUE_NOT_STORABLE');
    });

    it('run onExit once, in a commit of its own, however they ended', async () => {
      const exits: unknown[] = [];
      const goOn = new Deferred();
      const { app, client, failures } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('work', {
          args: (t) => ({ fail: t.boolean({ required: true }) }),
          onExit: (s, { outcome, error, taskId }) => {
            s.n += 1;
            exits.push([outcome, error instanceof Error ? error.message : error, typeof taskId]);
          },
        }).resolve(async (_self, { fail }) => {
          if (fail) throw new Error('failed');
        });
        Cell.background('wait', {
          onExit: (s, { outcome }) => {
            s.n += 1;
            exits.push(outcome);
            throw new Error('onExit failed');
          },
        }).resolve(() => goOn.promise);
      });
      for (const fail of [false, true]) {
        await client.run(
          'mutation ($fail: Boolean!) { cellWork(token: "T", fail: $fail) { id } }',
          { fail },
        );
        await noTask(app);
      }
      const { id } = await client.run('mutation { cellWait(token: "T") { id } }');
      const cancel = 'mutation ($id: ID!) { cancelTask(token: "T", id: $id) { status } }';
      expect(await client.run(cancel, { id })).toEqual({ status: 'CANCELLED' });
      await until(() => exits.length === 3, 'onExit of the cancelled task');
      expect(app.backgroundTasks.size).toBe(1); // its function has not settled
      goOn.resolve();
      await noTask(app);
      expect(await client.run(cancel, { id })).toEqual({ status: 'CANCELLED' });
      expect(exits).toEqual([
        ['SUCCEEDED', null, 'string'],
        ['FAILED', 'failed', 'string'],
        'CANCELLED',
      ]);
      expect(failures.map(({ error }) => (error as Error).message)).toEqual([
        'failed',
        'onExit failed',
      ]);
      expect((await client.run(read)).n).toBe(2);
      const tasks = await client.run('{ tasks(token: "T") { status } }');
      expect(tasks.map(({ status }: { status: string }) => status)).toEqual([
        'SUCCEEDED',
        'FAILED',
        'CANCELLED',
      ]);
      const failedOnly = '{ tasks(token: "T", status: [FAILED]) { status } }';
      expect(await client.run(failedOnly)).toEqual([{ status: 'FAILED' }]);
    });

    it('that are cancelled inside a lock lose it at once and can write nothing', async () => {
      const inside = new Deferred();
      const goOn = new Deferred();
      const after: unknown[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('work').resolve(async (self) => {
          await self
            .modifyState(async (s) => {
              s.n = 100;
              inside.resolve();
              await goOn.promise;
              after.push(self.signal.aborted);
              s.n = 200;
            })
            .catch((error: unknown) => after.push(error));
          await self
            .modifyState((s) => {
              s.n = 300;
            })
            .catch((error) => after.push(error));
        });
      });
      const { id } = await client.run(start);
      await inside.promise;
      await client.run('mutation ($id: ID!) { cancelTask(token: "T", id: $id) { status } }', {
        id,
      });
      expect((await client.run(increment)).state.n).toBe(1); // the lock is free
      goOn.resolve();
      await noTask(app);
      expect(after).toEqual([true, expect.any(TaskCancelledError), expect.any(TaskCancelledError)]);
      expect((await client.run(read)).n).toBe(1);
      expect(await client.run(task, { id })).toEqual({ status: 'CANCELLED', error: null });
    });

    it('that are cancelled at any moment while they wait for a lock leave it free', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            await self.modifyState(() => {});
          });
      });
      const key = app.keyOf('T');
      for (let turns = 0; turns < 40; turns += 1) {
        const goOn = new Deferred();
        const holding = app.modifyState(key, () => goOn.promise);
        await client.run(start);
        const [task] = app.backgroundTasks;
        goOn.resolve();
        for (let turn = 0; turn < turns; turn += 1) await null;
        task?.cancel();
        await holding;
        expect(await app.modifyState(key, () => 'free')).toBe('free');
      }
      await noTask(app);
    });

    it('unknown to a token are not found, and not cancelled', async () => {
      const { client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async () => {});
      });
      const { id } = await client.run(start);
      const foreign = 'query ($id: ID!) { task(token: "U", id: $id) { status } }';
      expect(await client.run(foreign, { id })).toBeNull();
      const { errors } = await client.result(
        'mutation ($id: ID!) { cancelTask(token: "U", id: $id) { status } }',
        { id },
      );
      expect(errors?.[0]?.extensions?.['code']).toBe('UNKNOWN_TASK');
    });

    it('can be forgotten after finishedTaskTtlMs', async () => {
      const { app, client } = await startLab(
        createStore,
        (builder) => {
          defineCell(builder)
            .background('work')
            .resolve(async () => {});
        },
        { limits: { finishedTaskTtlMs: 0 } },
      );
      const { id } = await client.run(start);
      await noTask(app);
      expect(await client.run(task, { id })).toBeNull();
    });

    it('that sleep on their own clock are woken up when they are cancelled', async () => {
      let reason: unknown = null;
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
        Cell.background('work').resolve(async (self) => {
          await self.sleep(1);
          await self.modifyState((s) => {
            s.n += 1;
          });
          try {
            await self.sleep(3_600_000);
          } catch (error) {
            reason = error;
            throw error;
          }
        });
      });
      const subscription = client.subscribe('subscription { cell(token: "T") { state { n } } }');
      const { id } = await client.run('mutation { cellWork(token: "T") { id } }');
      await subscription.takeUntil(({ state: { n } }) => n === 1);
      await client.run(`mutation { cancelTask(token: "T", id: "${id}") { status } }`);
      await noTask(app);
      expect(reason).toBeInstanceOf(TaskCancelledError);
    });
  });
}
