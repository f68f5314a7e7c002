import type { BoundEvent } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { holdLock } from '../support/hold-lock.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import type { Result } from '../support/socket-client.ts';
import { until } from '../support/until.ts';

const start = 'mutation ($token: ID = "T") { cellWork(token: $token) { id status } }';
const many = 'mutation ($times: Int!) { cellMany(token: "T", times: $times) { state { n } } }';
const increment = 'mutation { cellIncrement(token: "T") { state { n } } }';
const read = '{ cell(token: "T") { n lines } }';
const tasks = '{ tasks(token: "T") { status } }';

/** How long a crowd may take to end, in ms. */
const endMs = 25_000;

function expectRefusal({ errors }: Result, limit: string): void {
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryable: true });
  expect(errors?.[0]?.message).toContain(limit);
}

/** A lab whose tasks wait for `goOn`; `many` triggers so many of them, or so many events. */
function startCrowd(
  createStore: StoreFactory,
  limits: object,
  follower: 'task' | 'event' = 'task',
) {
  const goOn = new Deferred();
  let begun = 0;
  let work: BoundEvent | null = null;
  const lab = startLab(
    createStore,
    (builder) => {
      const Cell = defineCell(builder);
      const task = Cell.background('work').resolve(async () => {
        begun += 1;
        await goOn.promise;
      });
      work = task;
      const line = Cell.event('line').resolve((s) => void s.lines.push('line'));
      Cell.event('many', { args: (t) => ({ times: t.int({ required: true }) }) }).resolve(
        (s, { times }) => {
          s.n += 1;
          return Array.from({ length: times }, () => (follower === 'task' ? task : line));
        },
      );
      Cell.background('lines', { args: (t) => ({ times: t.int({ required: true }) }) }).resolve(
        async (self, { times }) => {
          await self.modifyState((s) => {
            s.n = 100;
            for (let i = 0; i < times; i += 1) s.trigger(follower === 'task' ? task : line);
          });
        },
      );
    },
    { limits },
  );
  return lab.then((started) => ({
    ...started,
    goOn,
    begun: () => begun,
    work: () => work as BoundEvent,
  }));
}

/** @param crowd how many start at once where as many as the store takes do. */
export function taskLimitTests(createStore: StoreFactory, crowd: number): void {
  describe('limits', () => {
    it('tasksPerToken: one task too many is refused, those of other tokens are not', async () => {
      const { app, client, goOn, begun } = await startCrowd(createStore, { tasksPerToken: 2 });
      for (let i = 0; i < 2; i += 1) await client.run(start);
      expectRefusal(await client.result(start), 'tasksPerToken');
      await client.run(start, { token: 'U' });
      expect(await client.run(tasks)).toHaveLength(2);
      goOn.resolve();
      await noTask(app, endMs);
      expect(await client.run(start)).toMatchObject({ status: 'RUNNING' });
      await noTask(app, endMs);
      expect(begun()).toBe(4);
    });

    it('tasksPerToken: those that wait for their turn count', async () => {
      const goOn = new Deferred();
      const { app, client } = await startLab(
        createStore,
        (builder) => {
          defineCell(builder)
            .background('work', { concurrency: { limit: 1 } })
            .resolve(() => goOn.promise);
        },
        { limits: { tasksPerToken: 2 } },
      );
      expect((await client.run(start)).status).toBe('RUNNING');
      expect((await client.run(start)).status).toBe('QUEUED');
      expectRefusal(await client.result(start), 'tasksPerToken');
      goOn.resolve();
      await noTask(app, endMs);
      expect(await client.run(tasks)).toEqual(Array(2).fill({ status: 'SUCCEEDED' }));
    });

    it.each([
      ['tasksPerToken', { tasksPerToken: 3 }],
      ['tasksPerProcess', { tasksPerProcess: 3 }],
    ])('%s: an event that triggers too many tasks stores nothing', async (name, limits) => {
      const { app, client, goOn, begun } = await startCrowd(createStore, limits);
      await client.run(start);
      expectRefusal(await client.result(many, { times: 3 }), name);
      expect(await client.run(read)).toEqual({ n: 0, lines: [] });
      expect(await client.run(tasks)).toHaveLength(1);
      expect((await client.run(many, { times: 2 })).state.n).toBe(1);
      await until(() => begun() === 3, 'those that there is room for');
      goOn.resolve();
      await noTask(app, endMs);
      expect((await client.run(many, { times: 3 })).state.n).toBe(2);
      await noTask(app, endMs);
      expect(begun()).toBe(6);
    });

    it('tasksPerProcess: tasks of all tokens count', async () => {
      const { app, client, goOn } = await startCrowd(createStore, { tasksPerProcess: 2 });
      for (const token of ['T', 'U']) await client.run(start, { token });
      expectRefusal(await client.result(start, { token: 'V' }), 'tasksPerProcess');
      goOn.resolve();
      await noTask(app, endMs);
      await client.run(start, { token: 'V' });
      await noTask(app, endMs);
    });

    it('queuedEventsPerToken: clients wait for the lock up to that many; the server itself may', async () => {
      const { app, client } = await startCrowd(createStore, { queuedEventsPerToken: 2 });
      const release = await holdLock(app);
      const results: Result[] = [];
      const asked = Array.from({ length: 5 }, async () => {
        results.push(await client.result(increment));
      });
      await until(() => results.length === 3, 'three are refused');
      for (const result of results) expectRefusal(result, 'queuedEventsPerToken');
      const own = app.modifyState(app.keyOf('T'), () => 'own');
      await Promise.all([release(), own, ...asked]);
      expect(results.filter(({ errors }) => !errors)).toHaveLength(2);
      expect((await client.run(increment)).state.n).toBe(3);
    });

    it('queuedFollowUpsPerToken: an event that triggers too many events stores nothing', async () => {
      const limits = { queuedFollowUpsPerToken: 2 };
      const { app, client } = await startCrowd(createStore, limits, 'event');
      expectRefusal(await client.result(many, { times: 3 }), 'queuedFollowUpsPerToken');
      expect(await client.run(read)).toEqual({ n: 0, lines: [] });
      await client.run(many, { times: 2 });
      const lines = async () => (await client.run(read)).lines.length;
      await until(async () => (await lines()) === 2, 'both have run');
      await client.run(many, { times: 2 });
      await until(async () => (await lines()) === 4, 'both have run again');
      await noTask(app, endMs);
    });

    it.each([
      ['queuedFollowUpsPerToken', 'event'],
      ['tasksPerToken', 'task'],
    ] as const)(
      '%s: a lock of a task that triggers too much stores nothing',
      async (name, follower) => {
        const { app, client, failures } = await startCrowd(createStore, { [name]: 2 }, follower);
        await client.run('mutation { cellLines(token: "T", times: 3) { id } }');
        await noTask(app, endMs);
        expect(failures).toMatchObject([{ error: { code: 'RESOURCE_EXHAUSTED', limit: name } }]);
        expect(await client.run(read)).toEqual({ n: 0, lines: [] });
        expect(await client.run(tasks)).toEqual([{ status: 'FAILED' }]);
      },
    );

    it('answer every one of those that start at once, and leave nothing behind', async () => {
      const limit = crowd / 10;
      const { app, goOn, begun, work } = await startCrowd(createStore, { tasksPerToken: limit });
      const key = app.keyOf('T');
      const results = await Promise.allSettled(
        Array.from({ length: crowd }, () => app.dispatch(work(), key)),
      );
      const reasons = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      expect(reasons).toHaveLength(crowd - limit);
      expect(new Set(reasons.map(({ code }) => code))).toEqual(new Set(['RESOURCE_EXHAUSTED']));
      expect(app.backgroundTasks.size).toBe(limit);
      goOn.resolve();
      await noTask(app, endMs);
      expect(begun()).toBe(limit);
      await app.dispatch(work(), key);
      await noTask(app, endMs);
      expect(begun()).toBe(limit + 1);
    });

    it('let many tokens start a task each', async () => {
      const count = crowd / 5;
      const { app, goOn, begun, work } = await startCrowd(createStore, {});
      await Promise.all(
        Array.from({ length: count }, (_, i) => app.dispatch(work(), app.keyOf(`T${i}`))),
      );
      expect(app.backgroundTasks.size).toBe(count);
      goOn.resolve();
      await noTask(app, endMs);
      expect(begun()).toBe(count);
    });
  });
}
