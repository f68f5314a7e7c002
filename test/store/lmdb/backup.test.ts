import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp, StoreBackupError } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { expect, it } from 'vitest';
import { defineCell } from '../../support/cell.ts';
import { Deferred } from '../../support/deferred.ts';
import { createBuilder, type LabBuilder, startLab } from '../../support/lab.ts';
import { noTask } from '../../support/no-task.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { readAll, writeSome } from './some-states.ts';

it('a copy that is made while commits go on is the store as it was at one moment', async () => {
  const builder = createBuilder();
  const Pair = builder.state('Pair', {
    vars: (t) => ({ a: t.int({ default: 0 }), b: t.int({ default: 0 }) }),
  });
  const schema = builder.toSchema();
  const folder = temporaryFolder();
  const store = lmdbStore({ path: join(folder, 'store') });
  const options = { schema, logger: silentLogger, development: true };
  const app = createApp({ ...options, store });
  const keys = Array.from({ length: 20 }, (_, index) => app.keyOf(`T${index}`));
  const acknowledged = new Map(keys.map((key) => [key, 0]));
  let isOver = false;
  const writers = keys.map(async (key) => {
    while (!isOver) {
      const n = await app.modifyState(Pair, key, (s) => {
        s.a += 1;
        s.b -= 1;
        return s.a;
      });
      acknowledged.set(key, n);
    }
  });
  for (let copy = 0; copy < 5; copy += 1) {
    await until(() => [...acknowledged.values()].every((n) => n > copy * 10), 'commits go on');
    const before = new Map(acknowledged);
    await store.backup(join(folder, `copy ${copy}`));
    const restored = createApp({
      ...options,
      store: lmdbStore({ path: join(folder, `copy ${copy}`) }),
    });
    for (const key of keys) {
      await restored.modifyState(Pair, key, (s) => {
        expect(s.a).toBe(-s.b);
        expect(s.a).toBe(s.version);
        expect(s.a).toBeGreaterThanOrEqual(before.get(key) ?? 0);
      });
    }
    await restored.close();
  }
  isOver = true;
  await Promise.all(writers);
  await app.close();
});

it('a copy goes into a new folder only, and one that fails leaves nothing', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'store');
  await writeSome(path);
  const store = lmdbStore({ path });
  await store.backup(join(folder, 'new', 'copy'));
  expect(await readAll(join(folder, 'new', 'copy'))).toEqual({ A: 20, B: 1, C: 300 });
  await expect(store.backup(join(folder, 'new', 'copy'))).rejects.toThrow(StoreBackupError);
  for (const inside of [path, join(path, 'copy'), '']) {
    await expect(store.backup(inside)).rejects.toThrow(StoreBackupError);
  }
  writeFileSync(join(folder, 'file'), '');
  await expect(store.backup(join(folder, 'file'))).rejects.toThrow('it is not a folder');
  await expect(store.backup(join(folder, 'file', 'x'))).rejects.toThrow('it is not a folder');
  await store.close();
  await expect(store.backup(join(folder, 'late'))).rejects.toThrow();
  expect(readdirSync(folder).sort()).toEqual(['file', 'new', 'store']);
});

it('tasks that ran when a copy was made are lost where it is opened: onExit runs once, before anything else', async () => {
  const goOn = new Deferred();
  const exits: unknown[] = [];
  const builder = createBuilder();
  const Job = builder.state('Job', {
    vars: (t) => ({ log: t.stringList({ default: [] }), runs: t.int({ default: 0 }) }),
  });
  const work = Job.background('work', {
    onExit: (s, { outcome, error, taskId }) => {
      exits.push({ taskId, outcome, error });
      s.log.push(outcome);
      return note;
    },
  }).resolve(async (self) => {
    await self.modifyState((s) => {
      s.runs += 1;
    });
    await goOn.promise;
  });
  const silent = Job.background('silent').resolve(async () => {
    await goOn.promise;
  });
  const note = Job.event('note').resolve((s, _args, { user }) => {
    s.log.push(`note of ${user}`);
  });
  const go = Job.event('go').resolve((s) => {
    s.log.push('go');
    return [work, silent];
  });
  const schema = builder.toSchema();
  const options = {
    schema,
    logger: silentLogger,
    development: true,
    taskContext: () => 'Ada',
    eventContext: (user: unknown) => ({ user }),
  };
  const folder = temporaryFolder();
  const store = lmdbStore({ path: join(folder, 'store') });
  const app = createApp({ ...options, store });
  const key = app.keyOf('T');
  await app.dispatch(go, key);
  await app.dispatch(work, key);
  await until(() => app.backgroundTasks.size === 3, 'three tasks run');
  const ids = [...app.backgroundTasks].map(({ id }) => id);
  await app.modifyState(Job, key, () => {});
  await store.backup(join(folder, 'copy'));

  const next = createApp({ ...options, store: lmdbStore({ path: join(folder, 'copy') }) });
  // Whoever comes first finds them ended.
  const log = await next.modifyState(Job, key, (s) => [...s.log]);
  expect(log.slice(0, 3)).toEqual(['go', 'LOST', 'LOST']);
  await noTask(next);
  await next.dispatch(note, key);
  expect(await next.modifyState(Job, key, (s) => [...s.log])).toEqual([
    ...['go', 'LOST', 'LOST', 'note of Ada', 'note of Ada'],
    'note of null',
  ]);
  expect(exits).toHaveLength(2);
  for (const exit of exits) {
    expect(exit).toMatchObject({ outcome: 'LOST', error: null });
    expect(ids).toContain((exit as { taskId: string }).taskId);
  }
  await next.close();

  // Once: the next start finds nothing on record.
  const third = createApp({ ...options, store: lmdbStore({ path: join(folder, 'copy') }) });
  expect((await third.modifyState(Job, key, (s) => [...s.log])).length).toBe(6);
  await third.close();

  // Where they really run, they go on and end as they do.
  goOn.resolve();
  await noTask(app);
  expect(exits.slice(2)).toMatchObject([{ outcome: 'SUCCEEDED' }, { outcome: 'SUCCEEDED' }]);
  await app.close();
});

it('a lost task whose event the schema has no more waits for it, as long as its token lives', async () => {
  const exits: string[] = [];
  const schemaWith = (hasWork: boolean) => {
    const builder = createBuilder();
    const Job = builder.state('Job', { vars: (t) => ({ runs: t.int({ default: 0 }) }) });
    const work = hasWork
      ? Job.background('work', {
          onExit: (s, { outcome }) => {
            s.runs += 1;
            exits.push(outcome);
          },
        }).resolve(async (self) => {
          await self.sleep(100_000);
        })
      : null;
    return { schema: builder.toSchema(), work, Job };
  };
  const folder = temporaryFolder();
  const warnings: string[] = [];
  const logger = {
    ...silentLogger,
    warn: (_details: object, message: string) => void warnings.push(message),
  };
  const startApp = (name: string, hasWork: boolean) => {
    const store = lmdbStore({ path: join(folder, name) });
    const { schema, work, Job } = schemaWith(hasWork);
    const app = createApp({ schema, store, logger, development: true });
    return { app, store, Job, work, key: app.keyOf('T') };
  };
  const first = startApp('store', true);
  if (first.work) await first.app.dispatch(first.work, first.key);
  await first.app.modifyState(first.Job, first.key, (s) => void s.runs++);
  await first.store.backup(join(folder, 'copy'));
  await first.app.close();
  exits.length = 0;

  const without = startApp('copy', false);
  await without.app.modifyState(without.Job, without.key, () => {});
  expect(warnings.filter((line) => line.includes('Job.work'))).toHaveLength(1);
  await without.app.close();
  expect(exits).toEqual([]);

  const back = startApp('copy', true);
  expect(await back.app.modifyState(back.Job, back.key, (s) => s.runs)).toBe(2);
  expect(exits).toEqual(['LOST']);
  await back.app.close();
});

it('a cursor from after a backup that was restored gets a reset, also if nobody can tell any more what it had seen', async () => {
  const define = (builder: LabBuilder) => {
    defineCell(builder);
    const Other = builder.state('Other', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    Other.event('increment').resolve((s) => {
      s.n += 1;
    });
  };
  const folder = temporaryFolder();
  const increment = 'mutation { cellIncrement(token: "T") { version } }';
  const watch = `subscription ($since: String) {
    cell(token: "T", since: $since) { version reset cursor state { n } }
  }`;
  const store = lmdbStore({ path: join(folder, 'store') });
  const first = await startLab(() => store, define);
  await first.client.run(increment);
  await store.backup(join(folder, 'copy'));
  await first.client.run(increment);
  await first.client.run(increment);
  const { cursor } = await first.client.subscribe(watch).next();

  const { client } = await startLab(() => lmdbStore({ path: join(folder, 'copy') }), define);
  await client.run(increment);
  // The log forgets how far it was.
  for (let i = 0; i < 300; i += 1) {
    await client.run('mutation { otherIncrement(token: "T") { version } }');
  }
  const resumed = client.subscribe(watch, { since: cursor });
  expect(await resumed.next()).toMatchObject({ version: 2, reset: true, state: { n: 2 } });
});

it('closing waits for a copy that is being made', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'store');
  await writeSome(path);
  for (let copy = 0; copy < 5; copy += 1) {
    const store = lmdbStore({ path });
    const backup = store.backup(join(folder, `copy ${copy}`));
    await Promise.all([backup, store.close()]);
    expect(await readAll(join(folder, `copy ${copy}`))).toEqual({ A: 20, B: 1, C: 300 });
  }
});
