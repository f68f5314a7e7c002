import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import type { Data } from '../support/socket-client.ts';
import { startTest } from '../support/start-test.ts';
import { statuses } from '../support/task-statuses.ts';
import { until } from '../support/until.ts';
import { Workers, work } from '../support/workers.ts';
import type { CreateRestartable } from './restart.ts';

const list = `query ($token: ID = "T") {
  tasks(token: $token) { id event status startedAt error { code } }
}`;
const cancel = `mutation ($id: ID!) { cancelTask(token: "T", id: $id) { status startedAt } }`;
const read = '{ cell(token: "T") { n lines } }';

/** @param shared whether more than one app can be on one store. */
export function taskConcurrencyTests(createRestartable: CreateRestartable, shared: boolean): void {
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
}
