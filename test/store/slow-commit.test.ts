import { memoryStore } from 'statewire';
import { expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { beforeCommits, forwardTo } from '../support/forward-store.ts';
import { startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';

const increment = 'mutation { cellIncrement(token: "T") { version state { n } } }';

it('a lock whose time is over while the store writes its last commit has committed, and says so', async () => {
  const asked = new Deferred();
  const goOn = new Deferred();
  const store = beforeCommits(memoryStore(), () => {
    asked.resolve();
    return goOn.promise;
  });
  const limits = { warnHoldMs: 10, maxHoldMs: 20 };
  const { client, failures, logs } = await startLab(() => store, defineCell, { limits });
  const answer = client.run(increment);
  await asked.promise;
  await until(() => logs.length > 0, 'the warning');
  const warnedAt = Date.now();
  await until(() => Date.now() > warnedAt + 20, 'its time is over');
  goOn.resolve();
  expect(await answer).toEqual({ version: 1, state: { n: 1 } });
  expect(await client.run(increment)).toEqual({ version: 2, state: { n: 2 } });
  expect(failures).toEqual([]);
  expect(logs.map(({ level }) => level)).toEqual(['warn']);
});

it('the same for one that has nothing to write but a task that starts: it runs once', async () => {
  const asked = new Deferred();
  const goOn = new Deferred();
  const memory = memoryStore();
  const store = forwardTo(memory, {
    async trackTasks(...args) {
      asked.resolve();
      await goOn.promise;
      await memory.trackTasks(...args);
    },
  });
  let runs = 0;
  const limits = { warnHoldMs: 10, maxHoldMs: 20 };
  const { client, logs } = await startLab(
    () => store,
    (builder) => {
      const Cell = defineCell(builder);
      const work = Cell.background('work').resolve(async () => {
        runs += 1;
      });
      Cell.event('go').resolve(() => work);
    },
    { limits },
  );
  const answer = client.run('mutation { cellGo(token: "T") { tasks { status } } }');
  await asked.promise;
  await until(() => logs.length > 0, 'the warning');
  const warnedAt = Date.now();
  await until(() => Date.now() > warnedAt + 20, 'its time is over');
  expect(runs).toBe(0);
  goOn.resolve();
  expect((await answer).tasks).toHaveLength(1);
  await until(() => runs > 0, 'it runs');
  expect(runs).toBe(1);
});

it('one that is lost while it flushes has flushed, and writes nothing more', async () => {
  const asked = new Deferred();
  const goOn = new Deferred();
  const store = beforeCommits(memoryStore(), () => {
    asked.resolve();
    return goOn.promise;
  });
  const { app, client } = await startLab(
    () => store,
    (builder) => {
      defineCell(builder)
        .background('work')
        .resolve(async (self) => {
          await self.modifyState(async (s) => {
            s.n += 1;
            await s.flush();
            s.n += 1;
          });
        });
    },
  );
  await client.run('mutation { cellWork(token: "T") { id } }');
  await asked.promise;
  for (const task of app.backgroundTasks) task.cancel();
  const next = client.run(increment);
  goOn.resolve();
  expect(await next).toEqual({ version: 2, state: { n: 2 } });
  await noTask(app);
  expect(await client.run('{ cell(token: "T") { n } }')).toEqual({ n: 2 });
});
