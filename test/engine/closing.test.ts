import { setTimeout as sleep } from 'node:timers/promises';
import { createApp, memoryStore } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assembleApp } from '../../src/server/create-app.ts';
import { MemoryStateStore } from '../../src/store/memory/memory-state-store.ts';
import { type Clock, systemClock } from '../../src/time/clock.ts';
import { turn } from '../../src/time/turn.ts';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { createBuilder, type LabContext } from '../support/lab.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

function defineApp() {
  const builder = createBuilder();
  const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  const start = (store = memoryStore()) =>
    createApp({
      schema: builder.toSchema(),
      store,
      development: true,
      logger: silentLogger,
      onError: () => {},
    });
  return { Cell, start };
}

describe('an app that closes', () => {
  it('waits for modifyState, and for a block', async () => {
    const { Cell, start } = defineApp();
    const app = start(lmdbStore({ path: temporaryFolder() }));
    const key = app.keyOf('T');
    const inside = new Deferred();
    const goOn = new Deferred();
    const modifying = app.modifyState(Cell, key, async (s) => {
      inside.resolve();
      await goOn.promise;
      s.n = 1;
    });
    await inside.promise;
    const block = await app.modify(Cell, app.keyOf('U'));
    const closing = app.close({ graceMs: 5_000 });
    await turn();
    goOn.resolve();
    await expect(modifying).resolves.toBeUndefined();
    block.n = 1;
    await expect(block[Symbol.asyncDispose]()).resolves.toBeUndefined();
    await closing;
  });

  it('tells tasks that trigger events all the time', async () => {
    const { Cell, start } = defineApp();
    const tick = Cell.event('tick').resolve(async (s) => {
      s.n += 1;
      await sleep(5);
    });
    const saved: number[] = [];
    const loop = Cell.background('loop').resolve(async (self) => {
      while (!self.signal.aborted) {
        self.trigger(tick);
        await self.sleep(4).catch(() => {});
      }
      saved.push(await self.modifyState((s) => s.n));
    });
    const app = start();
    await app.dispatch(loop, app.keyOf('T'));
    await app.close({ graceMs: 1_000 });
    expect(saved).toHaveLength(1);
  });

  it('tells tasks also if an event hangs', async () => {
    const { Cell, start } = defineApp();
    const isHanging = new Deferred();
    const hang = Cell.event('hang').resolve(() => {
      isHanging.resolve();
      return new Promise(() => {});
    });
    let isSaved = false;
    const loop = Cell.background('loop').resolve(async (self) => {
      await self.sleep(60_000).catch(() => {});
      await self.modifyState((s) => {
        s.n += 1;
      });
      isSaved = true;
    });
    const app = start();
    await app.dispatch(loop, app.keyOf('T'));
    app.dispatch(hang, app.keyOf('U')).catch(() => {});
    await isHanging.promise;
    await app.close({ graceMs: 200 });
    expect(isSaved).toBe(true);
  });

  it('has cancelled a task that gives up with its signal, also by a timer of Node', async () => {
    const { Cell, start } = defineApp();
    const outcomes: string[] = [];
    const wait = Cell.background('wait', {
      onExit: (_s, { outcome }) => void outcomes.push(outcome),
    }).resolve(async (self) => {
      await sleep(60_000, undefined, { signal: self.signal });
    });
    const app = start();
    await app.dispatch(wait, app.keyOf('T'));
    await app.close({ graceMs: 1_000 });
    expect(outcomes).toEqual(['CANCELLED']);
  });
});

it('a durable task that waits for its next attempt leaves no timer to an app that has closed', async () => {
  const timers = new Set<{ readonly ms: number }>();
  const clock: Clock = {
    ...systemClock,
    after(ms, callback) {
      const timer = { ms };
      const stop = systemClock.after(ms, () => {
        timers.delete(timer);
        callback();
      });
      timers.add(timer);
      return () => {
        timers.delete(timer);
        stop();
      };
    },
  };
  const backoffMs = 123_456;
  const builder = createBuilder();
  const work = defineCell(builder)
    .background('work', { durable: { backoffMs }, concurrency: { limit: 1 } })
    .resolve(async () => {
      throw new Error('once');
    });
  const store = new MemoryStateStore(clock, { hasDurable: true });
  const schema = builder.toSchema();
  const { app } = assembleApp<LabContext>(
    { schema, store, development: true, logger: silentLogger, onError: () => {} },
    clock,
  );
  await app.dispatch(work, app.keyOf('T'));
  await until(() => [...timers].some(({ ms }) => ms === backoffMs), 'it waits');
  await app.close();
  expect([...timers]).toEqual([]);
});

it('a cancelled task that catches every error does not keep the process from all else', async () => {
  const { Cell, start } = defineApp();
  let isOver = false;
  let tries = 0;
  const deaf = Cell.background('deaf').resolve(async (self) => {
    while (!isOver) {
      tries += 1;
      await self.modifyState(() => {}).catch(() => {});
      await self.sleep(1).catch(() => {});
    }
  });
  const app = start();
  onTestFinished(() => app.close());
  await app.dispatch(deaf, app.keyOf('T'));
  const [task] = app.backgroundTasks;
  task?.cancel();
  const before = tries;
  while (tries < before + 10) await turn();
  isOver = true;
});
