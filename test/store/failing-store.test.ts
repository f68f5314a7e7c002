import { memoryStore, StoreOutcomeError, StoreUnavailableError, StoreWriteError } from 'statewire';
import { expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { beforeCommits, forwardTo, insteadOfCommits } from '../support/forward-store.ts';
import { startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';

const increment = 'mutation { cellIncrement(token: "T") { state { n } } }';

it('a token that could not be loaded once is loaded by whoever asks next', async () => {
  const memory = memoryStore();
  for (const method of ['watch', 'read', 'acquire'] as const) {
    let isBroken = true;
    const failOnce = ((...args: never[]) => {
      if (!isBroken) return (memory[method] as (...all: never[]) => unknown)(...args);
      isBroken = false;
      throw new StoreWriteError();
    }) as never;
    const store = forwardTo(memory, { [method]: failOnce, close: async () => {} });
    const { client } = await startLab(() => store, defineCell);
    const { errors } = await client.result(increment);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'STORE_WRITE_FAILED', retryable: true });
    expect(await client.result(increment)).not.toHaveProperty('errors');
  }
});

it('a task that cannot be recorded does not start, and its client is told', async () => {
  let isFull = true;
  const memory = memoryStore();
  const store = forwardTo(memory, {
    async trackTasks(...args) {
      if (isFull) throw new StoreWriteError();
      await memory.trackTasks(...args);
    },
  });
  let runs = 0;
  const { app, client, failures } = await startLab(
    () => store,
    (builder) => {
      const Cell = defineCell(builder);
      const work = Cell.background('work').resolve(async () => {
        runs += 1;
      });
      Cell.event('go').resolve(() => work);
      Cell.background('goOn').resolve(async (self) => {
        self.trigger(work);
      });
    },
  );
  for (const mutation of ['cellWork(token: "T") { id }', 'cellGo(token: "T") { version }']) {
    const { errors } = await client.result(`mutation { ${mutation} }`);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'STORE_WRITE_FAILED' });
  }
  expect(app.backgroundTasks.size).toBe(0);
  isFull = false;
  await client.run('mutation { cellGo(token: "T") { version } }');
  await until(() => runs === 1, 'it runs');

  // What a task triggers is nobody's answer: onError is told.
  failures.length = 0;
  await client.run('mutation { cellGoOn(token: "T") { id } }');
  await until(() => runs === 2, 'it runs again');
  expect(failures).toEqual([]);
});

it('an onExit for which there is no room runs again until there is, and the token goes on', async () => {
  let isFull = false;
  let tries = 0;
  const store = beforeCommits(memoryStore(), () => {
    if (!isFull) return;
    tries += 1;
    throw new StoreWriteError();
  });
  const { app, client, failures, logs } = await startLab(
    () => store,
    (builder) => {
      defineCell(builder)
        .background('work', {
          onExit: (s) => {
            s.n += 10;
          },
        })
        .resolve(async () => {
          isFull = true;
        });
    },
  );
  await client.run('mutation { cellWork(token: "T") { id } }');
  await until(() => tries > 1, 'it was tried again');
  expect(app.backgroundTasks.size).toBe(1);
  isFull = false;
  await noTask(app);
  expect(failures).toEqual([]);
  expect(logs.filter(({ message }) => message.includes('cannot be stored yet'))).toHaveLength(1);
  expect(await client.run(increment)).toEqual({ state: { n: 11 } });
});

it('an onExit that the store could not take, or did not answer to, runs again, and is stored once', async () => {
  const memory = memoryStore();
  const answers: Error[] = [];
  const store = insteadOfCommits(memory, async (_commit, forward) => {
    const failure = answers.shift();
    // It is stored, and nobody is told.
    if (!(failure instanceof StoreUnavailableError)) await forward();
    if (failure) throw failure;
  });
  let runs = 0;
  const { app, client, failures } = await startLab(
    () => store,
    (builder) => {
      defineCell(builder)
        .background('work', {
          onExit: (s) => {
            runs += 1;
            s.n += 10;
          },
        })
        .resolve(async () => {
          answers.push(new StoreUnavailableError(), new StoreOutcomeError());
        });
    },
  );
  await client.run('mutation { cellWork(token: "T") { id } }');
  await noTask(app);
  expect(runs).toBe(3);
  expect(failures).toEqual([]);
  expect(await client.run(increment)).toEqual({ state: { n: 11 } });
  const tasks = await memory.listTasks(app.keyOf('T'));
  expect(tasks).toMatchObject([{ ending: { outcome: 'SUCCEEDED' } }]);
});

it('an onExit that has stored a part, or throws by itself, does not run again, and is told of', async () => {
  let commits = 0;
  let isAway = false;
  const store = beforeCommits(memoryStore(), () => {
    commits += 1;
    if (isAway && commits > 1) throw new StoreUnavailableError();
  });
  const runs: string[] = [];
  const { app, client, failures } = await startLab(
    () => store,
    (builder) => {
      const Cell = defineCell(builder);
      Cell.background('part', {
        async onExit(s) {
          runs.push('part');
          s.n += 1;
          await s.flush();
          s.n += 10;
        },
      }).resolve(async () => {
        commits = 0;
        isAway = true;
      });
      Cell.background('throwing', {
        onExit: () => {
          runs.push('throwing');
          throw new StoreUnavailableError();
        },
      }).resolve(async () => {});
    },
  );
  for (const task of ['Part', 'Throwing']) {
    await client.run(`mutation { cell${task}(token: "T") { id } }`);
    await noTask(app);
    isAway = false;
  }
  expect(runs).toEqual(['part', 'throwing']);
  expect(failures).toMatchObject([
    { error: { code: 'STORE_UNAVAILABLE' }, source: { event: 'part' } },
    { error: { code: 'STORE_UNAVAILABLE' }, source: { event: 'throwing' } },
  ]);
  expect(await client.run(increment)).toEqual({ state: { n: 2 } });
});

it('a token that is let go of, or could not be loaded, is not watched any more', async () => {
  const memory = memoryStore();
  let watchers = 0;
  let isBroken = false;
  const store = forwardTo(memory, {
    watch(...args) {
      const unwatch = memory.watch(...args);
      watchers += 1;
      return () => {
        watchers -= 1;
        unwatch();
      };
    },
    async read(...args) {
      if (isBroken) throw new StoreWriteError();
      return memory.read(...args);
    },
  });
  const { client } = await startLab(() => store, defineCell, { limits: { idleTtlMs: 20 } });
  await client.run(increment);
  expect(watchers).toBe(1);
  await until(() => watchers === 0, 'it is let go of');
  isBroken = true;
  await client.result(increment);
  expect(watchers).toBe(0);
});
