import { TaskTimeoutError } from 'statewire';
import { createTestApp, type TestApp } from 'statewire/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import {
  createBuilder,
  type LabBuilder,
  type LabContext,
  type StoreFactory,
  startLab,
} from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import type { Data, SocketClient } from '../support/socket-client.ts';
import { until } from '../support/until.ts';
import type { CreateRestartable } from './restart.ts';

const work = `mutation ($i: Int!, $token: ID = "T") {
  cellWork(token: $token, i: $i) { id status startedAt }
}`;
const list = `query ($token: ID = "T") {
  tasks(token: $token) { id event status startedAt error { code } }
}`;
const cancel = `mutation ($id: ID!) { cancelTask(token: "T", id: $id) { status startedAt } }`;
const read = '{ cell(token: "T") { n lines } }';

/** Tasks that begin when they may, and end when they are told. */
class Workers {
  readonly begun: number[] = [];
  readonly exits: string[] = [];
  readonly #gates = new Map<number, Deferred>();

  /** `work(i)`: notes that it has begun, then what its `onExit` gets. */
  define(builder: LabBuilder, options: object = {}) {
    const Cell = defineCell(builder);
    const event = Cell.background('work', {
      args: (t) => ({ i: t.int({ required: true }) }),
      onExit: (s, { outcome }) => {
        this.exits.push(outcome);
        s.lines.push(outcome);
      },
      ...options,
    }).resolve(async (_self, { i }) => {
      this.begun.push(i);
      await this.gate(i).promise;
    });
    return { Cell, event };
  }

  gate(i: number): Deferred {
    const gate = this.#gates.get(i) ?? new Deferred();
    this.#gates.set(i, gate);
    return gate;
  }

  /** Lets one end. */
  finish(i: number): void {
    this.gate(i).resolve();
  }

  async whenBegun(...expected: number[]): Promise<void> {
    await until(() => this.begun.length >= expected.length, `${expected} have begun`);
    expect(this.begun).toEqual(expected);
  }
}

async function statuses(client: SocketClient, token = 'T'): Promise<string[]> {
  return (await client.run(list, { token })).map(({ status }: Data) => status);
}

/** An app on its own clock. */
async function startTest(
  createStore: StoreFactory,
  define: (builder: LabBuilder) => void,
): Promise<TestApp<LabContext>> {
  const builder = createBuilder();
  define(builder);
  const test = createTestApp<LabContext>({
    schema: builder.toSchema(),
    store: await createStore(),
  });
  onTestFinished(() => test.close());
  return test;
}

/** @param shared whether more than one app can be on one store. */
export function taskPolicyTests(createRestartable: CreateRestartable, shared: boolean): void {
  const createStore: StoreFactory = () => createRestartable()();

  describe('concurrency: queue', () => {
    it.each([1, 2])('of %i: the others wait, and begin in their order', async (limit) => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit } });
      });
      const count = limit + 3;
      for (let i = 0; i < count; i += 1) {
        const isFree = i < limit;
        expect(await client.run(work, { i })).toMatchObject({
          status: isFree ? 'RUNNING' : 'QUEUED',
          startedAt: isFree ? expect.any(Number) : null,
        });
      }
      const all = [...Array(count).keys()];
      for (let next = limit; next < count; next += 1) {
        await workers.whenBegun(...all.slice(0, next));
        const tasks: Data[] = await client.run(list);
        expect(tasks.map(({ startedAt }) => startedAt !== null)).toEqual(all.map((i) => i < next));
        expect(tasks.filter(({ status }) => status === 'RUNNING')).toHaveLength(limit);
        workers.finish(next - limit);
      }
      await workers.whenBegun(...all);
      for (const i of all) workers.finish(i);
      await noTask(app);
      expect(await statuses(client)).toEqual(all.map(() => 'SUCCEEDED'));
    });

    it('one that waits is cancelled without having run: its onExit runs, the next one comes', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit: 1 } });
      });
      await client.run(work, { i: 0 });
      const { id } = await client.run(work, { i: 1 });
      await client.run(work, { i: 2 });
      expect(await client.run(cancel, { id })).toEqual({ status: 'CANCELLED', startedAt: null });
      await until(() => workers.exits.length === 1, 'its onExit');
      workers.finish(0);
      await workers.whenBegun(0, 2);
      workers.finish(2);
      await noTask(app);
      expect(workers.exits).toEqual(['CANCELLED', 'SUCCEEDED', 'SUCCEEDED']);
      expect(await statuses(client)).toEqual(['SUCCEEDED', 'CANCELLED', 'SUCCEEDED']);
    });

    it('a place is free when the end is stored, also if the handler ignores its signal', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit: 1 } });
      });
      const { id } = await client.run(work, { i: 0 });
      await client.run(work, { i: 1 });
      await client.run(cancel, { id });
      await workers.whenBegun(0, 1);
      expect(app.backgroundTasks.size).toBe(2);
      for (const i of [0, 1]) workers.finish(i);
      await noTask(app);
    });
    it('however many wait, one looks whether those before them are still there', async () => {
      let looks = 0;
      const workers = new Workers();
      const store = await createStore();
      const counting = forwardTo(store, {
        listTasks(key) {
          looks += 1;
          return store.listTasks(key);
        },
      });
      const { app, clock, client } = await startTest(
        () => counting,
        (builder) => void workers.define(builder, { concurrency: { limit: 1 } }),
      );
      const tester = client({ token: 'T' });
      for (let i = 0; i < 20; i += 1) await tester.run(work, { i });
      looks = 0;
      await clock.advance(5_000);
      for (let i = 0; i < 20; i += 1) workers.finish(i);
      await noTask(app);
      expect(looks).toBe(1);
    });

    it('a task that has failed leaves its place, and so does one whose onExit fails', async () => {
      const begun: number[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            args: (t) => ({ i: t.int({ required: true }) }),
            concurrency: { limit: 1 },
            onExit: () => {
              throw new Error('onExit fails');
            },
          })
          .resolve(async (_self, { i }) => {
            begun.push(i);
            throw new Error('fails');
          });
      });
      await Promise.all([0, 1, 2].map((i) => client.run(work, { i })));
      await noTask(app);
      expect(begun).toHaveLength(3);
      expect(await statuses(client)).toEqual(['FAILED', 'FAILED', 'FAILED']);
    });
  });

  describe('concurrency: reject', () => {
    const concurrency = { limit: 1, onLimit: 'reject' };

    it('refuses the mutation, runs nothing of it, and takes the next one when there is room', async () => {
      const workers = new Workers();
      const { app, client, failures } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency });
      });
      await client.run(work, { i: 0 });
      for (const i of [1, 2]) {
        const { data, errors } = await client.result(work, { i });
        expect(data ?? null).toBeNull();
        expect(errors?.[0]?.extensions).toMatchObject({
          code: 'CONCURRENCY_LIMIT',
          retryable: true,
        });
      }
      workers.finish(0);
      await noTask(app);
      workers.finish(3);
      await client.run(work, { i: 3 });
      await noTask(app);
      expect(workers.begun).toEqual([0, 3]);
      expect(workers.exits).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      expect(failures).toEqual([]);
    });

    it('lets exactly as many in as there are places, however many ask at once', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit: 3, onLimit: 'reject' } });
      });
      const asked = [...Array(12).keys()];
      const results = await Promise.all(asked.map((i) => client.result(work, { i })));
      expect(results.filter(({ errors }) => !errors)).toHaveLength(3);
      await until(() => workers.begun.length === 3, 'three have begun');
      for (const i of asked) workers.finish(i);
      await noTask(app);
      expect(workers.begun).toHaveLength(3);
    });

    it('leaves the commit of an event that has triggered it: its task has FAILED', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        const { Cell, event } = workers.define(builder, { concurrency });
        Cell.event('push').resolve((s) => {
          s.n += 1;
          return event.with({ i: s.n });
        });
      });
      const push = 'mutation { cellPush(token: "T") { state { n } tasks { id } } }';
      await client.run(push);
      await workers.whenBegun(1);
      const { state, tasks } = await client.run(push);
      expect(state).toEqual({ n: 2 });
      const refused = async () => {
        const all: Data[] = await client.run(list);
        return all.find(({ id }) => id === tasks[0].id);
      };
      await until(async () => (await refused()).status === 'FAILED', 'it is refused');
      expect(await refused()).toMatchObject({
        error: { code: 'CONCURRENCY_LIMIT' },
        startedAt: null,
      });
      expect(workers.exits).toEqual([]);
      workers.finish(1);
      await noTask(app);
      workers.finish(3);
      await client.run(push);
      await noTask(app);
      expect(workers.begun).toEqual([1, 3]);
      expect(await client.run(read)).toEqual({ n: 3, lines: ['SUCCEEDED', 'SUCCEEDED'] });
    });
  });

  describe('concurrency: replace', () => {
    it('cancels the one before: its onExit is stored before the new one begins', async () => {
      const seen: (readonly string[])[] = [];
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            args: (t) => ({ i: t.int({ required: true }) }),
            concurrency: { limit: 1, onLimit: 'replace' },
            onExit: (s, { outcome }) => void s.lines.push(outcome),
          })
          .resolve(async (self) => {
            seen.push(self.lines);
            // Deaf to its signal.
            await goOn.promise;
          });
      });
      for (const i of [0, 1, 2]) {
        await client.run(work, { i });
        await until(() => seen.length > i, 'it has begun');
      }
      expect(seen).toEqual([[], ['CANCELLED'], ['CANCELLED', 'CANCELLED']]);
      expect(await statuses(client)).toEqual(['CANCELLED', 'CANCELLED', 'RUNNING']);
      goOn.resolve();
      await noTask(app);
      expect(await statuses(client)).toEqual(['CANCELLED', 'CANCELLED', 'SUCCEEDED']);
    });

    it('cancels the oldest only, if there is room for the others', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit: 2, onLimit: 'replace' } });
      });
      for (const i of [0, 1, 2]) await client.run(work, { i });
      await workers.whenBegun(0, 1, 2);
      expect(await statuses(client)).toEqual(['CANCELLED', 'RUNNING', 'RUNNING']);
      for (const i of [0, 1, 2]) workers.finish(i);
      await noTask(app);
      expect(workers.exits).toEqual(['CANCELLED', 'SUCCEEDED', 'SUCCEEDED']);
    });
    it('one that triggers its own event goes on in its successor', async () => {
      const begun: string[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        const work = defineCell(builder)
          .background('work', { concurrency: { limit: 1, onLimit: 'replace' } })
          .resolve(async (self) => {
            begun.push(self.taskId);
            if (begun.length === 3) return;
            self.trigger(work);
            await self.sleep(60_000);
          });
      });
      await client.run('mutation { cellWork(token: "T") { id } }');
      await noTask(app);
      expect(begun).toHaveLength(3);
      expect(await statuses(client)).toEqual(['CANCELLED', 'CANCELLED', 'SUCCEEDED']);
    });

    it('leaves only the newest of those that start at once', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit: 1, onLimit: 'replace' } });
      });
      const asked = [...Array(8).keys()];
      await Promise.all(asked.map((i) => client.run(work, { i })));
      const last = async () => (await statuses(client)).filter((each) => each !== 'CANCELLED');
      await until(async () => String(await last()) === 'RUNNING', 'one is left');
      for (const i of asked) workers.finish(i);
      await noTask(app);
      expect((await last()).length).toBe(1);
      expect(workers.exits).toHaveLength(8);
    });
  });

  describe('concurrency.scope', () => {
    it('token: tasks of other tokens do not count', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit: 1 } });
      });
      expect(await client.run(work, { i: 0, token: 'T' })).toMatchObject({ status: 'RUNNING' });
      expect(await client.run(work, { i: 1, token: 'U' })).toMatchObject({ status: 'RUNNING' });
      for (const i of [0, 1]) workers.finish(i);
      await noTask(app);
    });

    it('app: tasks of all tokens count', async () => {
      const workers = new Workers();
      const { app, client } = await startLab(createStore, (builder) => {
        workers.define(builder, { concurrency: { limit: 1, scope: 'app' } });
      });
      expect(await client.run(work, { i: 0, token: 'T' })).toMatchObject({ status: 'RUNNING' });
      expect(await client.run(work, { i: 1, token: 'U' })).toMatchObject({ status: 'QUEUED' });
      workers.finish(0);
      await workers.whenBegun(0, 1);
      expect(await statuses(client, 'U')).toEqual(['RUNNING']);
      workers.finish(1);
      await noTask(app);
    });

    it('different events do not count together', async () => {
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const concurrency = { limit: 1, scope: 'app' } as const;
        Cell.background('one', { concurrency }).resolve(() => goOn.promise);
        Cell.background('two', { concurrency }).resolve(() => goOn.promise);
      });
      for (const name of ['One', 'Two']) {
        const started = await client.run(`mutation { cell${name}(token: "T") { status } }`);
        expect(started.status).toBe('RUNNING');
      }
      goOn.resolve();
      await noTask(app);
    });
  });

  describe('concurrency.key', () => {
    it('tasks count together whose keys are the same, by arguments and context', async () => {
      const keys: unknown[] = [];
      const goOn = new Deferred();
      let event: ReturnType<Workers['define']>['event'];
      const { app } = await startLab(
        createStore,
        (builder) => {
          event = defineCell(builder)
            .background('work', {
              args: (t) => ({ i: t.int({ required: true }) }),
              concurrency: {
                limit: 1,
                key: ({ i }, context) => {
                  keys.push([i, context]);
                  return JSON.stringify([i, context]);
                },
              },
            })
            .resolve(() => goOn.promise);
        },
        { taskContext: ({ user }) => user ?? null },
      );
      const key = app.keyOf('T');
      const start = (i: number, user: string) =>
        app.dispatch(event.with({ i }), key, { context: { user } });
      await start(1, 'a');
      await start(2, 'a');
      await start(1, 'b');
      await start(1, 'a');
      const listed = (await app.listTasks(key)).map(({ status }) => status);
      expect(listed).toEqual(['RUNNING', 'RUNNING', 'RUNNING', 'QUEUED']);
      expect(keys).toEqual([
        [1, 'a'],
        [2, 'a'],
        [1, 'b'],
        [1, 'a'],
      ]);
      goOn.resolve();
      await noTask(app);
    });

    it('that throws starts nothing: the mutation fails, an event keeps its commit', async () => {
      const workers = new Workers();
      const { app, client, failures } = await startLab(createStore, (builder) => {
        const key = () => {
          throw new Error('no key');
        };
        const { Cell, event } = workers.define(builder, { concurrency: { limit: 1, key } });
        Cell.event('push').resolve((s) => {
          s.n += 1;
          return event.with({ i: 1 });
        });
      });
      const { errors } = await client.result(work, { i: 0 });
      expect(errors?.[0]?.extensions?.['code']).toBe('INTERNAL_SERVER_ERROR');
      const push = 'mutation { cellPush(token: "T") { state { n } tasks { id } } }';
      expect(await client.run(push)).toEqual({ state: { n: 1 }, tasks: [] });
      expect(failures.map(({ error }) => String(error))).toEqual(['Error: no key']);
      expect(app.backgroundTasks.size).toBe(0);
      expect(await client.run(list)).toEqual([]);
      expect(workers.begun).toEqual([]);
    });
  });

  describe.runIf(shared)('concurrency over two apps on one store', () => {
    async function startTwo(options: object) {
      const open = createRestartable();
      const workers = [new Workers(), new Workers()] as const;
      const [one, two] = workers;
      const labs = [
        await startLab(open, (builder) => void one.define(builder, options)),
        await startLab(open, (builder) => void two.define(builder, options)),
      ] as const;
      const end = async (i: number) => {
        for (const each of workers) each.finish(i);
      };
      return { labs, workers, end };
    }

    it('those of scope app wait for each other, and go on in their order', async () => {
      const { labs, workers, end } = await startTwo({ concurrency: { limit: 1, scope: 'app' } });
      const [a, b] = labs;
      expect(await a.client.run(work, { i: 0 })).toMatchObject({ status: 'RUNNING' });
      const onB = await b.client.run(work, { i: 1, token: 'U' });
      expect(onB).toMatchObject({ status: 'QUEUED', startedAt: null });
      expect(await a.client.run(work, { i: 2 })).toMatchObject({ status: 'QUEUED' });
      expect(await statuses(a.client, 'U')).toEqual(['QUEUED']);
      await end(0);
      await workers[1].whenBegun(1);
      expect(workers[0].begun).toEqual([0]);
      await until(async () => (await statuses(a.client, 'U'))[0] === 'RUNNING', 'a hears of it');
      await end(1);
      await workers[0].whenBegun(0, 2);
      await end(2);
      await noTask(a.app);
      await noTask(b.app);
    });

    it('one of the other app is replaced, and refuses', async () => {
      const replace = await startTwo({ concurrency: { limit: 1, onLimit: 'replace' } });
      const [a, b] = replace.labs;
      await a.client.run(work, { i: 0 });
      await b.client.run(work, { i: 1 });
      await replace.workers[1].whenBegun(1);
      expect(replace.workers[0].exits).toEqual(['CANCELLED']);
      expect(await statuses(a.client)).toEqual(['CANCELLED', 'RUNNING']);
      for (const i of [0, 1]) await replace.end(i);
      await noTask(a.app);
      await noTask(b.app);

      const reject = await startTwo({ concurrency: { limit: 1, onLimit: 'reject' } });
      const [c, d] = reject.labs;
      await c.client.run(work, { i: 0 });
      const { errors } = await d.client.result(work, { i: 1 });
      expect(errors?.[0]?.extensions?.['code']).toBe('CONCURRENCY_LIMIT');
      await reject.end(0);
      await noTask(c.app);
      expect(await d.client.run(work, { i: 2 })).toMatchObject({ status: 'RUNNING' });
      await reject.end(2);
      await noTask(d.app);
    });
  });

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
      const release = new Deferred();
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
      const held = new Deferred();
      const holding = app.modifyState(app.keyOf('T'), () => {
        held.resolve();
        return release.promise;
      });
      await held.promise;
      const { id } = await client.run('mutation { cellParent(token: "T") { id } }');
      await triggered.promise;
      await client.run(cancel, { id });
      release.resolve();
      await holding;
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
      const release = new Deferred();
      const held = new Deferred();
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
      const holding = app.modifyState(app.keyOf('T'), () => {
        held.resolve();
        return release.promise;
      });
      await held.promise;
      const { id } = await client.run('mutation { cellParent(token: "T") { id } }');
      await triggered.promise;
      await client.run(cancel, { id });
      release.resolve();
      await holding;
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
