import { StoreUnavailableError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import type { Data } from '../support/socket-client.ts';
import { SseSubscription } from '../support/sse-client.ts';
import { takeUntilSucceeded } from '../support/task-statuses.ts';
import { startTwoNodes } from '../support/two-nodes.ts';
import { until } from '../support/until.ts';
import type { CreateRestartable } from './restart.ts';

const start = 'mutation { cellWork(token: "T") { id } }';
const watch = 'subscription { tasks(token: "T") { id status message } }';
const list = '{ tasks(token: "T") { id status message } }';

export function taskSubscriptionTests(createRestartable: CreateRestartable, nodes: boolean): void {
  const createStore: StoreFactory = () => createRestartable()();

  describe('the subscription tasks', () => {
    it('gives each task that is listed, oldest first, then what changes, and ends when its client leaves', async () => {
      const goOn = new Deferred();
      const { app, client, connect } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('work').resolve(async () => {});
        Cell.background('wait').resolve(() => goOn.promise);
      });
      const ids: string[] = [];
      for (const event of ['Wait', 'Work', 'Wait', 'Work']) {
        const { id } = await client.run(`mutation { cell${event}(token: "T") { id } }`);
        ids.push(id);
        // Another millisecond, so that there is an oldest.
        const now = Date.now();
        await until(() => Date.now() > now, 'time goes on');
      }
      await until(() => app.backgroundTasks.size === 2, 'two have ended');
      expect(app.subscribers).toBe(0);
      const other = connect();
      const subscription = other.subscribe(watch);
      const first = await subscription.take(4);
      expect(first.map(({ id }) => id)).toEqual(ids);
      expect(first.map(({ status }) => status)).toEqual([
        ...['RUNNING', 'SUCCEEDED', 'RUNNING', 'SUCCEEDED'],
      ]);
      expect(await client.run(list)).toEqual(first);
      expect(app.subscribers).toBe(1);
      goOn.resolve();
      const ends = await subscription.take(2);
      expect(ends.map(({ id }) => id).sort()).toEqual([ids[0], ids[2]].sort());
      expect(ends.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      await subscription.close();
      await until(() => app.subscribers === 0, 'it has left');
      const cut = other.subscribe(watch);
      await cut.next();
      expect(app.subscribers).toBe(1);
      await other.close();
      await until(() => app.subscribers === 0, 'it was cut');
    });

    it('says nothing of the tasks of other tokens', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async () => {});
      });
      const subscription = client.subscribe(watch);
      await until(() => app.subscribers === 1, 'it is there');
      await client.run('mutation { cellWork(token: "U") { id } }');
      const { id } = await client.run(start);
      const seen = await subscription.takeUntil(({ status }) => status === 'SUCCEEDED');
      expect(new Set(seen.map((each) => each.id))).toEqual(new Set([id]));
    });

    it('gives a reader who is slow the newest only', async () => {
      const steps = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            await steps.promise;
            self.report(0.1, 'first');
            self.report(0.2, 'second');
          });
      });
      const { id } = await client.run(start);
      const engine = app.schema.getSubscriptionType()?.getFields()['tasks'];
      const cursor = (await engine?.subscribe?.({}, { token: 'T' }, {}, {
        schema: app.schema,
      } as never)) as AsyncIterableIterator<Data>;
      expect((await cursor.next()).value).toMatchObject({ id, status: 'RUNNING' });
      steps.resolve();
      await noTask(app);
      const next = await cursor.next();
      expect(next.value).toMatchObject({ status: 'SUCCEEDED', progress: 0.2, message: 'second' });
      const waiting = cursor.next();
      await cursor.return?.();
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(await cursor.next()).toEqual({ done: true, value: undefined });
      expect(app.subscribers).toBe(0);
    });

    it('goes on after a read that the store could not answer', async () => {
      let isAway = false;
      let refused = 0;
      const goOn = new Deferred();
      const { app, client } = await startLab(
        async () => {
          const store = await createStore();
          return forwardTo(store, {
            async listTasks(key) {
              if (!isAway) return store.listTasks(key);
              refused += 1;
              throw new StoreUnavailableError();
            },
          });
        },
        (builder) => {
          defineCell(builder)
            .background('work')
            .resolve(() => goOn.promise);
        },
      );
      const subscription = client.subscribe(watch);
      await until(() => app.subscribers === 1, 'it is there');
      const { id } = await client.run(start);
      expect(await subscription.next()).toMatchObject({ id, status: 'RUNNING' });
      isAway = true;
      goOn.resolve();
      await until(() => refused > 0, 'the store was asked');
      expect((await client.result(list)).errors?.[0]?.extensions?.['code']).toBe(
        'STORE_UNAVAILABLE',
      );
      isAway = false;
      expect(await subscription.next()).toMatchObject({ id, status: 'SUCCEEDED' });
    });

    it('and the queries show the parent of a task as long as that is listed', async () => {
      const withParent =
        'subscription { tasks(token: "T") { id event status parent { id event parent { id } } } }';
      const { client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const grandchild = Cell.background('grandchild').resolve(async () => {});
        const event = Cell.event('event').resolve(() => grandchild);
        const child = Cell.background('child').resolve(async (self) => self.trigger(event));
        Cell.background('work').resolve(async (self) => self.trigger(child));
      });
      const { id } = await client.run(start);
      await until(async () => {
        const tasks: Data[] = await client.run('{ tasks(token: "T", status: [SUCCEEDED]) { id } }');
        return tasks.length === 3;
      }, 'all have ended');
      const tasks = await client.subscribe(withParent).take(3);
      const byEvent = Object.fromEntries(tasks.map((each) => [each.event, each]));
      const child = byEvent['child'];
      expect(byEvent['work']).toEqual({ id, event: 'work', status: 'SUCCEEDED', parent: null });
      expect(child.parent).toEqual({ id, event: 'work', parent: null });
      expect(byEvent['grandchild'].parent).toEqual({
        ...{ id: child.id, event: 'child' },
        parent: { id },
      });
    });

    it('shows no parent that is listed no more', async () => {
      const ttlMs = 300;
      const goOn = new Deferred();
      const { app, client } = await startLab(
        createStore,
        (builder) => {
          const Cell = defineCell(builder);
          const child = Cell.background('child').resolve(() => goOn.promise);
          Cell.background('work').resolve(async (self) => self.trigger(child));
        },
        { limits: { finishedTaskTtlMs: ttlMs } },
      );
      const parents = '{ tasks(token: "T") { event parent { event } } }';
      await client.run(start);
      // The parent stands alone in the list until it has triggered its child.
      const isOver = async () =>
        (await client.run(parents)).every((each: Data) => each.event === 'child');
      await until(isOver, 'its parent is listed no more');
      expect(await client.run(parents)).toEqual([{ event: 'child', parent: null }]);
      goOn.resolve();
      await noTask(app);
    });

    it('reads the same over server-sent events', async () => {
      const goOn = new Deferred();
      const { app, client, url } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            self.report(0.5, 'half');
            await goOn.promise;
          });
      });
      const { id } = await client.run(start);
      const sse = new SseSubscription(url, watch);
      expect(await sse.next()).toEqual({ id, status: 'RUNNING', message: 'half' });
      expect(app.subscribers).toBe(1);
      goOn.resolve();
      expect(await sse.next()).toEqual({ id, status: 'SUCCEEDED', message: 'half' });
      sse.abort();
      await until(() => app.subscribers === 0, 'it has left');
    });

    it('leaves no end out of many tasks', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const child = Cell.background('child').resolve(async (self) => {
          await self.sleep(1);
        });
        Cell.event('many').resolve(() => Array.from({ length: 60 }, () => child));
      });
      const subscription = client.subscribe(watch);
      await until(() => app.subscribers === 1, 'it is there');
      await client.run('mutation { cellMany(token: "T") { version } }');
      const last = await takeUntilSucceeded(subscription, 60);
      expect(last.size).toBe(60);
    });
  });

  describe('tasks(status:)', () => {
    it('lists those of the statuses, none for none, and all if it is left out or null', async () => {
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('work', { concurrency: { limit: 1 } }).resolve(() => goOn.promise);
        Cell.background('fail').resolve(async () => {
          throw new Error('failed');
        });
      });
      await client.run('mutation { cellFail(token: "T") { id } }');
      await noTask(app);
      for (let i = 0; i < 3; i += 1) await client.run(start);
      const listed = async (status?: string[] | null): Promise<string[]> => {
        const query =
          'query ($status: [TaskStatus!]) { tasks(token: "T", status: $status) { status } }';
        const tasks: Data[] = await client.run(query, { status });
        return tasks.map((each) => each.status).sort();
      };
      expect(await listed(['QUEUED'])).toEqual(['QUEUED', 'QUEUED']);
      expect(await listed(['FAILED', 'RUNNING'])).toEqual(['FAILED', 'RUNNING']);
      expect(await listed(['LOST'])).toEqual([]);
      expect(await listed([])).toEqual([]);
      const all = ['FAILED', 'QUEUED', 'QUEUED', 'RUNNING'];
      expect(await listed(null)).toEqual(all);
      expect(await listed()).toEqual(all);
      goOn.resolve();
      await noTask(app);
    });
  });

  describe.runIf(nodes)('the tasks of another node', () => {
    it('are seen as they go: queued, running, with their progress, cancelled, failed and masked', async () => {
      const report = new Deferred();
      const fail = new Deferred();
      const { a, b } = await startTwoNodes(
        createRestartable(),
        (builder) => {
          defineCell(builder)
            .background('work', { concurrency: { limit: 1 } })
            .resolve(async (self) => {
              await report.promise;
              self.report(0.5, 'half');
              await fail.promise;
              throw new Error('a secret');
            });
          builder
            .state('Other', { vars: (t) => ({ n: t.int({ default: 0 }) }) })
            .background('wait')
            .resolve((self) => self.sleep(3_600_000));
        },
        { development: false, tokenSecret: 'a secret of thirty-two characters' },
      );
      const token = a.app.issueToken();
      const fields = 'id status progress message error { code message }';
      const run = (event: string) =>
        a.client.run(`mutation ($t: ID!) { ${event}(token: $t) { id } }`, { t: token });
      const query = (id: string) =>
        b.client.run(`query ($t: ID!, $id: ID!) { task(token: $t, id: $id) { ${fields} } }`, {
          ...{ t: token, id },
        });
      const subscription = b.client.subscribe(
        `subscription ($t: ID!) { tasks(token: $t) { ${fields} } }`,
        { t: token },
      );
      await until(() => b.app.subscribers === 1, 'it is there');
      const nothing = { progress: null, message: null, error: null };
      const first = await run('cellWork');
      await subscription.takeUntil(({ id, status }) => id === first.id && status === 'RUNNING');
      const second = await run('cellWork');
      const queued = { id: second.id, status: 'QUEUED', ...nothing };
      expect(await subscription.next()).toEqual(queued);
      expect(await query(second.id)).toEqual(queued);
      report.resolve();
      const half = { id: first.id, status: 'RUNNING', ...nothing, progress: 0.5, message: 'half' };
      expect(await subscription.next()).toEqual(half);
      expect(await query(first.id)).toEqual(half);
      await b.client.run('mutation ($t: ID!, $id: ID!) { cancelTask(token: $t, id: $id) { id } }', {
        ...{ t: token, id: second.id },
      });
      const cancelled = { id: second.id, status: 'CANCELLED', ...nothing };
      expect(await subscription.next()).toEqual(cancelled);
      expect(await query(second.id)).toEqual(cancelled);
      fail.resolve();
      const failed = {
        ...half,
        status: 'FAILED',
        error: { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' },
      };
      const seen = await subscription.takeUntil(({ status }) => status === 'FAILED');
      expect(seen.at(-1)).toEqual(failed);
      expect(await query(first.id)).toEqual(failed);
      await noTask(a.app);
    });
  });
}
