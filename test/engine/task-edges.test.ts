import { setTimeout as timer } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { createApp, memoryStore, StoreUnavailableError } from 'statewire';
import { createTestApp } from 'statewire/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TaskInfo } from '../../src/engine/tasks/task-info.ts';
import type { TokenRoom } from '../../src/engine/token-room.ts';
import type { BoundEvent } from '../../src/state/event-reference.ts';
import { TaskCursor } from '../../src/stream/task-cursor.ts';
import { systemClock } from '../../src/time/clock.ts';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import { createBuilder, type LabBuilder, type LabContext, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { takeUntilSucceeded } from '../support/task-statuses.ts';
import { until } from '../support/until.ts';

const start = 'mutation { cellWork(token: "T") { id } }';
const watch = 'subscription { tasks(token: "T") { id status } }';

/** A cursor on what `list` lists, with the doorbell of its room. */
function cursorOn(list: () => Promise<readonly Partial<TaskInfo>[]>, clock = systemClock) {
  let ring = () => {};
  const room = {
    listenTasks(listener: () => void) {
      ring = listener;
      return () => {};
    },
  } as unknown as TokenRoom;
  const cursor = new TaskCursor(room, { list: list as never, clock, onEnd: () => {} });
  return { cursor, ring: () => ring() };
}

/** An app that stops while its task waits for that. */
async function closeWhile(define: (builder: LabBuilder, begun: () => void) => BoundEvent) {
  const begun = new Deferred();
  const builder = createBuilder();
  const work = define(builder, () => begun.resolve());
  const app = createApp<LabContext>({
    ...{ schema: builder.toSchema(), store: memoryStore(), development: true },
    ...{ logger: silentLogger },
  });
  await app.dispatch(work, app.keyOf('T'));
  await begun.promise;
  await app.close({ graceMs: 5_000 });
}

describe('tasks at the edges', () => {
  it('a slow reader gets every task, also if the oldest changes all the time', async () => {
    let progress = 0;
    const list = async () => [
      { id: 'old', status: 'RUNNING', progress } as const,
      { id: 'new', status: 'RUNNING', progress: 0 } as const,
    ];
    const { cursor, ring } = cursorOn(list);
    const ids: string[] = [];
    for (progress = 0; progress < 20; progress += 1) {
      ids.push((await cursor.next()).value.id);
      ring();
    }
    expect(ids).toContain('new');
  });

  it('a store that is away is asked once in a while, however often its doorbell has rung', async () => {
    let timers = 0;
    const after = () => {
      timers += 1;
      return () => {
        timers -= 1;
      };
    };
    const list = async () => {
      throw new StoreUnavailableError();
    };
    const { cursor, ring } = cursorOn(list, { ...systemClock, after });
    void cursor.next();
    for (let i = 0; i < 10; i += 1) {
      ring();
      await timer(0);
    }
    expect(timers).toBe(1);
  });

  it('100 tasks cost a subscriber a few readings of the list', async () => {
    const store = memoryStore();
    let readings = 0;
    const counted = forwardTo(store, {
      listTasks(key) {
        readings += 1;
        return store.listTasks(key);
      },
    });
    const { app, client } = await startLab(
      () => counted,
      (builder) => {
        const Cell = defineCell(builder);
        const child = Cell.background('child').resolve((self) => self.sleep(20));
        Cell.event('many').resolve(() => Array.from({ length: 100 }, () => child));
      },
    );
    const subscription = client.subscribe(watch);
    await until(() => app.subscribers === 1, 'it is there');
    await client.run('mutation { cellMany(token: "T") { version } }');
    await takeUntilSucceeded(subscription, 100);
    expect(readings).toBeLessThan(50);
  });

  it('whoever was told of a task that runs is told of its end, also if 100 others end with it', async () => {
    const store = memoryStore();
    const goOn = new Deferred();
    const define = (builder: LabBuilder) => {
      const Cell = defineCell(builder);
      const child = Cell.background('child').resolve(() => goOn.promise);
      Cell.event('many').resolve(() => Array.from({ length: 150 }, () => child));
    };
    const open = () => forwardTo(store, { close: async () => {} });
    const [a, b] = [await startLab(open, define), await startLab(open, define)];
    const subscription = b.client.subscribe(watch);
    await until(() => b.app.subscribers === 1, 'it is there');
    const last = new Map<string, string>();
    const reading = (async () => {
      for (;;) {
        const { id, status } = await subscription.next();
        last.set(id, status);
      }
    })();
    reading.catch(() => {});
    await a.client.run('mutation { cellMany(token: "T") { version } }');
    await until(() => last.size === 150, 'all run');
    goOn.resolve();
    const isOver = () => [...last.values()].every((status) => status !== 'RUNNING');
    await until(isOver, 'all have ended', 1_500);
  });

  it('whoever was told of a task that runs is told of its end, also if what ends is not listed', async () => {
    const { app, client } = await startLab(
      memoryStore,
      (builder) => {
        defineCell(builder)
          .background('work')
          .resolve((self) => self.sleep(20));
      },
      { limits: { finishedTaskTtlMs: 0 } },
    );
    const subscription = client.subscribe(watch);
    await until(() => app.subscribers === 1, 'it is there');
    await client.run(start);
    expect((await subscription.next()).status).toBe('RUNNING');
    const end = subscription.next().then(({ status }) => status);
    const none = timer(500, 'none', { ref: false });
    expect(await Promise.race([end, none])).toBe('SUCCEEDED');
  });

  it('tasks of one millisecond are listed in the order in which they were triggered', async () => {
    const builder = createBuilder();
    const Cell = defineCell(builder);
    const child = Cell.background('child', {
      args: (t) => ({ ms: t.int({ required: true }) }),
    }).resolve((self, { ms }) => self.sleep(ms));
    Cell.event('many').resolve(() => [child.with({ ms: 2_000 }), child.with({ ms: 1_000 })]);
    await using test = createTestApp<LabContext>({ schema: builder.toSchema() });
    const client = test.client();
    interface Many {
      readonly cellMany: { readonly tasks: readonly { readonly id: string }[] };
    }
    const { cellMany } = await client.run<Many>(
      'mutation ($token: ID!) { cellMany(token: $token) { tasks { id } } }',
    );
    await test.clock.advance(1_500);
    const { tasks } = await client.run<{ tasks: unknown[] }>(
      'query ($token: ID!) { tasks(token: $token) { id } }',
    );
    expect(tasks).toEqual(cellMany.tasks);
  });

  it.each([
    [
      'a GraphQLError whose code has no text',
      () => new GraphQLError('x', { extensions: { code: Object.create(null) } }),
    ],
    [
      'an error of graphql 15, which has no extensions',
      () =>
        Object.assign(new Error('x'), {
          ...{ extensions: undefined, locations: undefined, originalError: undefined },
        }),
    ],
    [
      'a proxy that was revoked',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
    ],
  ])('a task that throws %s has FAILED', async (_name, make) => {
    const { app, client } = await startLab(memoryStore, (builder) => {
      defineCell(builder)
        .background('work')
        .resolve(async () => {
          throw make();
        });
    });
    await client.run(start);
    await noTask(app, 500);
  });

  it('a handler that learns from the store that it was cancelled sees its signal', async () => {
    const store = memoryStore();
    const quiet = forwardTo(store, {
      // The message is lost.
      watch: (key, watcher) =>
        store.watch(key, {
          onCommit: () => watcher.onCommit(),
          onTasks: () => watcher.onTasks(),
          onCancel: () => {},
        }),
    });
    let refused = 0;
    let isAborted = false;
    const { app, client } = await startLab(
      () => quiet,
      (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            while (!isAborted && refused < 3) {
              await self
                .modifyState((s) => void s.lines.push('x'))
                .catch(() => {
                  refused += 1;
                });
              await timer(1);
              isAborted = self.signal.aborted;
            }
          });
      },
    );
    const { id } = await client.run(start);
    await store.cancelTask(app.keyOf('T'), id);
    await noTask(app);
    expect(isAborted).toBe(true);
  });

  it('a task that is triggered while the server drains is told, as those are that run', async () => {
    const seen: unknown[] = [];
    await closeWhile((builder, begun) => {
      const Cell = defineCell(builder);
      const child = Cell.background('child').resolve(async (self) => {
        seen.push(self.signal.reason?.code);
        await self.modifyState((s) => void s.lines.push('child'));
      });
      return Cell.background('work').resolve(async (self) => {
        begun();
        await self.sleep(60_000).catch(() => {});
        self.trigger(child);
      });
    });
    expect(seen).toEqual(['SHUTTING_DOWN']);
  });
});

describe('a task in a test app', () => {
  it('reports on its clock: the newest of each tenth of a second, and the last at the end', async () => {
    const builder = createBuilder();
    defineCell(builder)
      .background('work')
      .resolve(async (self) => {
        for (let i = 1; i <= 9; i += 1) self.report(i / 10, `${i}`);
        await self.sleep(1_000);
        self.report(0.95);
        await self.sleep(1_000);
        self.report(1);
      });
    await using test = createTestApp<LabContext>({ schema: builder.toSchema() });
    onTestFinished(() => expect(test.failures).toEqual([]));
    const client = test.client();
    const subscription = client.subscribe<{ tasks: object }>(
      'subscription ($token: ID!) { tasks(token: $token) { status progress message } }',
    );
    await client.run('mutation ($token: ID!) { cellWork(token: $token) { id } }');
    const pending = async () => (await subscription.pending()).map(({ tasks }) => tasks);
    expect((await pending()).at(-1)).toEqual({ status: 'RUNNING', progress: 0.9, message: '9' });
    await test.clock.advance(1_500);
    expect(await pending()).toEqual([{ status: 'RUNNING', progress: 0.95, message: '9' }]);
    await test.settled();
    expect((await pending()).at(-1)).toEqual({ status: 'SUCCEEDED', progress: 1, message: '9' });
  });

  it('wakes up from its sleep when it is cancelled, without its clock', async () => {
    const builder = createBuilder();
    defineCell(builder)
      .background('work', { onExit: (s, { outcome }) => void s.lines.push(outcome) })
      .resolve((self) => self.sleep(3_600_000));
    await using test = createTestApp<LabContext>({ schema: builder.toSchema() });
    const client = test.client();
    const { cellWork } = await client.run<{ cellWork: { id: string } }>(
      'mutation ($token: ID!) { cellWork(token: $token) { id } }',
    );
    const now = test.clock.now();
    const { id } = cellWork;
    await client.run(
      'mutation ($token: ID!, $id: ID!) { cancelTask(token: $token, id: $id) { id } }',
      { id },
    );
    await test.settled();
    expect(test.clock.now()).toBe(now);
    expect(test.app.backgroundTasks.size).toBe(0);
    expect(await client.run('query ($token: ID!) { cell(token: $token) { lines } }')).toEqual({
      cell: { lines: ['CANCELLED'] },
    });
  });
});
