import { createApp, memoryStore, type StateStore } from 'statewire';
import { createTestApp } from 'statewire/testing';
import { expect, it, onTestFinished } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import { createBuilder, type LabContext, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

const start = 'mutation { cellWork(token: "T") { id status } }';
const cancel = 'mutation ($id: ID!) { cancelTask(token: "T", id: $id) { status } }';
const statuses = '{ tasks(token: "T") { event status } }';

it('who asks for a task too many is told so, by an error', async () => {
  const goOn = new Deferred();
  const { client } = await startLab(memoryStore, (builder) => {
    defineCell(builder)
      .background('work', { concurrency: { limit: 1, onLimit: 'reject' } })
      .resolve(() => goOn.promise);
  });
  await client.run(start);
  const { errors } = await client.result(start);
  goOn.resolve();
  expect(errors?.[0]?.extensions?.['code']).toBe('CONCURRENCY_LIMIT');
});

it('a task that has ended, and whose onExit waits for the lock, cannot be cancelled', async () => {
  const exits: string[] = [];
  const { app, client } = await startLab(memoryStore, (builder) => {
    defineCell(builder)
      .background('work', { onExit: (_s, { outcome }) => void exits.push(outcome) })
      .resolve(async () => {});
  });
  const goOn = new Deferred();
  const holding = app.modifyState(app.keyOf('T'), () => goOn.promise);
  const { id } = await client.run(start);
  await until(
    () => [...app.backgroundTasks].every(({ status }) => status !== 'RUNNING'),
    'its end',
  );
  expect(await client.run(cancel, { id })).toEqual({ status: 'SUCCEEDED' });
  goOn.resolve();
  await holding;
  await noTask(app);
  expect(exits).toEqual(['SUCCEEDED']);
  expect(await client.run(statuses)).toEqual([{ event: 'work', status: 'SUCCEEDED' }]);
});

it('a task cannot trigger more tasks than its token may have', async () => {
  let begun = 0;
  let refusal: unknown = null;
  const goOn = new Deferred();
  const { app, client } = await startLab(
    memoryStore,
    (builder) => {
      const Cell = defineCell(builder);
      const child = Cell.background('child').resolve(async () => {
        begun += 1;
        await goOn.promise;
      });
      Cell.background('work').resolve(async (self) => {
        try {
          for (let i = 0; i < 20; i += 1) self.trigger(child);
        } catch (error) {
          refusal = error;
        }
      });
    },
    { limits: { tasksPerToken: 5 } },
  );
  await client.run(start);
  await until(() => app.backgroundTasks.size === begun && begun > 0, 'its children');
  goOn.resolve();
  await noTask(app);
  expect(refusal).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  expect(begun).toBe(4);
});

it('a task that another has triggered does not keep that in memory, nor all before it', async () => {
  const chain = 50;
  const goOn = new Deferred();
  const seen: WeakRef<object>[] = [];
  const { app, client } = await startLab(memoryStore, (builder) => {
    const Cell = defineCell(builder);
    const work = Cell.background('work').resolve(async (self) => {
      const own = [...app.backgroundTasks].find(({ id }) => id === self.taskId);
      seen.push(new WeakRef(own as object));
      if (seen.length === chain) return goOn.promise;
      self.trigger(work);
    });
  });
  await client.run(start);
  await until(() => seen.length === chain && app.backgroundTasks.size === 1, 'the last one');
  const kept = () => seen.filter((each) => each.deref()).length;
  await until(
    () => {
      collectGarbage();
      return kept() < 5;
    },
    'those before it are collected',
    2_000,
  ).finally(() => goOn.resolve());
});

it('a task that waits for its turn ends at once if what has triggered it was cancelled before', async () => {
  const goOn = new Deferred();
  const inEvent = new Deferred();
  const eventGoesOn = new Deferred();
  const { client } = await startLab(memoryStore, (builder) => {
    const Cell = defineCell(builder);
    const concurrency = { limit: 1 };
    const child = Cell.background('child', { concurrency }).resolve(() => goOn.promise);
    const event = Cell.event('event').resolve(async () => {
      inEvent.resolve();
      await eventGoesOn.promise;
      return child;
    });
    Cell.background('work').resolve(async (self) => {
      self.trigger(event);
      await goOn.promise;
    });
  });
  await client.run('mutation { cellChild(token: "T") { id } }');
  const { id } = await client.run(start);
  await inEvent.promise;
  await client.run(cancel, { id });
  eventGoesOn.resolve();
  const isOver = async () => {
    const tasks: { event: string; status: string }[] = await client.run(statuses);
    return tasks.some(({ event, status }) => event === 'child' && status === 'CANCELLED');
  };
  await until(isOver, 'it is cancelled', 2_000).finally(() => goOn.resolve());
});

/** A node on a store that others share; when it is dead it hears of nothing. */
function createNode(store: StateStore, handler: () => Promise<void>) {
  const builder = createBuilder();
  const work = defineCell(builder)
    .background('work', { concurrency: { limit: 1 } })
    .resolve(handler);
  let isDead = false;
  const never = new Promise<never>(() => {});
  const app = createApp<LabContext>({
    schema: builder.toSchema(),
    development: true,
    logger: silentLogger,
    store: forwardTo(store, {
      close: async () => {},
      acquire: (...args) => (isDead ? never : store.acquire(...args)),
      trackTasks: (...args) => (isDead ? never : store.trackTasks(...args)),
    }),
  });
  onTestFinished(() => app.close());
  const die = () => {
    isDead = true;
  };
  return { app, work, die };
}

it('those that a killed process has left in the queue do not hold it up one by one', async () => {
  const store = memoryStore();
  const deadNode = createNode(store, () => new Promise(() => {}));
  const key = deadNode.app.keyOf('T');
  for (let i = 0; i < 4; i += 1) await deadNode.app.dispatch(deadNode.work, key);
  deadNode.die();
  // As an heir does.
  const ending = { outcome: 'LOST', endedAt: Date.now(), error: null } as const;
  const left = await store.listTasks(key);
  const ended = left.map(({ record }) => ({ record, ending, listedMs: 1_000 }));
  await store.trackTasks(key, { started: [], ended });

  const begun = new Deferred();
  const heir = createNode(store, async () => begun.resolve());
  await heir.app.dispatch(heir.work, key);
  let hasBegun = false;
  void begun.promise.then(() => {
    hasBegun = true;
  });
  await until(() => hasBegun, 'its turn comes', 8_000);
});

it('a task that another node has cancelled before it begins never runs', async () => {
  const store = memoryStore();
  let runs = 0;
  const builder = createBuilder();
  const work = defineCell(builder)
    .background('work')
    .resolve(async () => {
      runs += 1;
    });
  const app = createApp<LabContext>({
    schema: builder.toSchema(),
    development: true,
    logger: silentLogger,
    store: forwardTo(store, {
      async trackTasks(key, changes) {
        await store.trackTasks(key, changes);
        // It is on record: whoever looks can cancel it before this node has its answer.
        for (const { id } of changes.started) await store.cancelTask(key, id);
      },
    }),
  });
  onTestFinished(() => app.close());
  await app.dispatch(work, app.keyOf('T'));
  await noTask(app);
  expect((await app.listTasks(app.keyOf('T')))[0]?.status).toBe('CANCELLED');
  expect(runs).toBe(0);
});

it('a task that is triggered while the server drains does not use up the time of those that end', async () => {
  const begun = new Deferred();
  const builder = createBuilder();
  const Cell = defineCell(builder);
  const child = Cell.background('child').resolve((self) => self.sleep(60_000));
  const work = Cell.background('work').resolve(async (self) => {
    begun.resolve();
    await self.sleep(60_000).catch(() => {});
    self.trigger(child);
  });
  const app = createApp<LabContext>({
    schema: builder.toSchema(),
    store: memoryStore(),
    development: true,
    logger: silentLogger,
  });
  await app.dispatch(work, app.keyOf('T'));
  await begun.promise;
  let isClosed = false;
  const closing = app.close({ graceMs: 5_000 }).then(() => {
    isClosed = true;
  });
  await until(() => isClosed, 'the app is closed', 2_000);
  await closing;
});

it('what onExit throws does not make it run again', async () => {
  const exits: string[] = [];
  const { TaskCancelledError } = await import('statewire');
  const builder = createBuilder();
  const work = defineCell(builder)
    .background('work', {
      onExit: (_s, { outcome }) => {
        exits.push(outcome);
        throw new TaskCancelledError();
      },
    })
    .resolve(async () => {});
  await using test = createTestApp<LabContext>({ schema: builder.toSchema() });
  await test.app.dispatch(work, test.app.keyOf('T'));
  await test.settled();
  expect(exits).toEqual(['SUCCEEDED']);
});

it('a concurrency.key that returns nothing is told of, and nothing runs', async () => {
  let runs = 0;
  const { client } = await startLab(memoryStore, (builder) => {
    defineCell(builder)
      .background('work', { concurrency: { limit: 1, key: (() => undefined) as never } })
      .resolve(async () => {
        runs += 1;
      });
  });
  const { errors } = await client.result(start);
  expect([errors?.length, runs]).toEqual([1, 0]);
});

it('a durable task has three attempts, and waits a second, then two between them, also where both are undefined', async () => {
  const begunAt: number[] = [];
  const builder = createBuilder();
  const work = defineCell(builder)
    .background('work', { durable: { attempts: undefined, backoffMs: undefined } as object })
    .resolve(async () => {
      begunAt.push(test.clock.now());
      throw new Error('always');
    });
  await using test = createTestApp<LabContext>({ schema: builder.toSchema() });
  await test.app.dispatch(work, test.app.keyOf('T'));
  await test.settled();
  const [first = 0] = begunAt;
  expect(begunAt.map((at) => at - first)).toEqual([0, 1_000, 3_000]);
});
