import { join } from 'node:path';
import { open } from 'lmdb';
import { lmdbStore } from 'statewire/lmdb';
import { describe, expect, it, vi } from 'vitest';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import {
  commit,
  end,
  ended,
  key,
  memory,
  openStore,
  record,
  start,
  versionIn,
} from './durable-store.ts';
import { countRecords, damage } from './records.ts';

const other = hashToken('other');
const superseded = { code: 'SUPERSEDED' };

describe('a durable task', () => {
  it('is found by the next process until its end is stored, with what was committed last', async () => {
    const path = temporaryFolder();
    const first = await openStore(path);
    const started = [record('goes on'), record('ends'), record('lost', { durable: undefined })];
    const saved = [memory('goes on'), memory('ends')];
    await commit(first.store, { tasks: { started, ended: [], saved } });
    await first.durable.claim(key, 'goes on');
    const checkpoint = memory('goes on', 1, { page: 3 });
    const tasks = { started: [], ended: [], saved: [checkpoint] };
    await commit(first.store, { tasks, task: 'goes on', attempt: 1 });
    await end(first.store, 'ends', 0);
    await first.store.close();

    const { durable, found, lost } = await openStore(path);
    expect(found).toEqual(['goes on']);
    expect(lost.map((task) => task.record.id)).toEqual(['lost']);
    const task = { record: record('goes on', { attempt: 1 }), cancelledAt: null, ending: null };
    expect(await durable.read(key, 'goes on')).toEqual({ task, memory: checkpoint });
    expect(await durable.read(key, 'ends')).toBeNull();
  });

  it('is found after those that are older', async () => {
    const path = temporaryFolder();
    const first = await openStore(path);
    const started = ['b', 'c', 'a'].map((id, createdAt) => record(id, { createdAt }));
    const saved = started.map(({ id }) => memory(id));
    await first.store.trackTasks(key, { started, ended: [], saved });
    await first.store.close();
    expect((await openStore(path)).found).toEqual(['b', 'c', 'a']);
  });

  it('is in a backup, with what it runs with', async () => {
    const path = temporaryFolder();
    const store = lmdbStore({ path: join(path, 'store') });
    await start(store, 'task');
    await store.backup(join(path, 'copy'));
    await store.close();
    const { durable, found } = await openStore(join(path, 'copy'));
    expect(found).toEqual(['task']);
    expect(await durable.read(key, 'task')).toMatchObject({ memory: memory('task') });
  });

  it('leaves nothing to run with when it has ended', async () => {
    const path = temporaryFolder();
    const { store } = await openStore(path);
    await start(store, 'in a commit');
    await start(store, 'outside');
    const tasks = { started: [], ended: [ended('in a commit', 0)] };
    await commit(store, { tasks, task: 'in a commit', attempt: 0 });
    await end(store, 'outside', 0);
    await store.close();
    for (const table of ['tasks', 'memories']) expect(await countRecords(path, table)).toBe(0);
  });
});

describe('a claim', () => {
  it('counts the attempts, tells who watches, and keeps the mark of a task that was cancelled', async () => {
    const { store, durable } = await openStore(temporaryFolder());
    await start(store, 'task');
    await store.cancelTask(key, 'task');
    const onTasks = vi.fn();
    store.watch(key, { onCommit() {}, onCancel() {}, onTasks });
    expect((await durable.claim(key, 'task'))?.task.record.attempt).toBe(1);
    const claimed = await durable.claim(key, 'task');
    expect(claimed?.task).toMatchObject({
      record: { attempt: 2 },
      cancelledAt: expect.any(Number),
    });
    expect(claimed?.memory).toEqual(memory('task'));
    expect(await durable.read(key, 'task')).toEqual(claimed);
    expect(onTasks).toHaveBeenCalledTimes(2);
  });

  it('of what is not on record as a durable task is none', async () => {
    const { store, durable } = await openStore(temporaryFolder());
    await store.trackTasks(key, { started: [record('task', { durable: undefined })], ended: [] });
    for (const id of ['task', 'unknown']) {
      expect(await durable.claim(key, id)).toBeNull();
      expect(await durable.read(key, id)).toBeNull();
    }
    expect((await store.listTasks(key))[0]?.record.attempt).toBe(0);
  });

  it('of a task that has nothing to run with says so', async () => {
    const path = temporaryFolder();
    const first = await openStore(path);
    await first.store.trackTasks(key, { started: [record('task')], ended: [] });
    await start(first.store, 'damaged', other);
    await first.store.close();
    await damage(path, other, 'memories');
    const { store, durable } = await openStore(path);
    const corrupted = { code: 'STORE_CORRUPTED' };
    await expect(durable.claim(key, 'task')).rejects.toMatchObject(corrupted);
    await expect(durable.claim(other, 'damaged')).rejects.toMatchObject(corrupted);
    expect((await store.listTasks(key))[0]?.record.attempt).toBe(0);
  });
});

describe('an attempt at a durable task that another has followed', () => {
  it('stores nothing more: neither state nor memory, nor its end', async () => {
    const path = temporaryFolder();
    const { store, durable } = await openStore(path);
    await start(store, 'task');
    await start(store, 'child');
    await durable.claim(key, 'task');
    await durable.claim(key, 'task');
    const before = await store.listTasks(key);
    const saved = [memory('task', 1, 'late')];
    const by = { task: 'task', attempt: 1 };
    const nothing = { started: [], ended: [] };
    const refused = [
      commit(store, by),
      commit(store, { ...by, tasks: { ...nothing, saved: [memory('child', 0, 'late')] } }),
      commit(store, { tasks: { ...nothing, saved } }),
      commit(store, { tasks: { ...nothing, ended: [ended('child', 0), ended('task', 1)] } }),
      store.trackTasks(key, { ...nothing, saved }),
      store.trackTasks(key, { started: [record('new')], ended: [ended('task', 1)] }),
    ];
    for (const each of refused) await expect(each).rejects.toMatchObject(superseded);
    await store.updateTask(key, record('task', { attempt: 1, message: 'late' }));

    expect(await versionIn(store)).toBe(0);
    expect(await store.listTasks(key)).toEqual(before);
    for (const id of ['task', 'child']) {
      expect((await durable.read(key, id))?.memory).toEqual(memory(id));
    }
  });

  it('is refused after the end of the task too', async () => {
    const { store } = await openStore(temporaryFolder());
    await start(store, 'task');
    await end(store, 'task', 0);
    const tasks = { started: [], ended: [ended('task', 0)] };
    await expect(commit(store, { tasks })).rejects.toMatchObject(superseded);
    await expect(commit(store, { task: 'task', attempt: 0 })).rejects.toMatchObject(superseded);
    const saved = [memory('task')];
    const save = store.trackTasks(key, { started: [], ended: [], saved });
    await expect(save).rejects.toMatchObject(superseded);
    // That it has ended already is no failure.
    await store.trackTasks(key, tasks);
    expect(await store.listTasks(key)).toHaveLength(1);
  });
});

describe('the latest attempt at a durable task', () => {
  it('commits, saves, tells how far it is, and ends it', async () => {
    const { store, durable } = await openStore(temporaryFolder());
    await start(store, 'task');
    await durable.claim(key, 'task');
    await durable.claim(key, 'task');
    const onTasks = vi.fn();
    store.watch(key, { onCommit() {}, onCancel() {}, onTasks });
    const saved = [memory('task', 2, 'half')];
    const tasks = { started: [], ended: [], saved };
    await commit(store, { tasks, task: 'task', attempt: 2 });
    expect(await durable.read(key, 'task')).toMatchObject({ memory: { checkpoint: 'half' } });
    await store.trackTasks(key, { ...tasks, saved: [memory('task', 2, 'more')] });
    expect(await durable.read(key, 'task')).toMatchObject({ memory: { checkpoint: 'more' } });
    // Nothing of this is listed.
    expect(onTasks).not.toHaveBeenCalled();
    const update = record('task', { attempt: 2, message: 'half' });
    await store.updateTask(key, update);
    expect((await store.listTasks(key))[0]?.record).toEqual(update);
    const ending = { started: [], ended: [ended('task', 2)] };
    await commit(store, { tasks: ending, task: 'task', attempt: 2 });
    expect(await versionIn(store)).toBe(2);
    expect((await store.listTasks(key))[0]?.ending?.outcome).toBe('SUCCEEDED');
  });
});

describe('a token with a durable task', () => {
  it('expires when the task has ended, not before: also if nobody has read it since a restart', async () => {
    const path = temporaryFolder();
    const first = await openStore(path);
    await commit(first.store);
    await commit(first.store, {}, other);
    await start(first.store, 'task');
    first.store.keep([key, other], 1);
    await first.store.close();

    const { store } = await openStore(path);
    const sweep = async () => {
      store.keep([], 1);
      await store.sweep();
    };
    await until(async () => {
      await sweep();
      return (await versionIn(store, other)) === 0;
    }, 'the other one has expired');
    expect(await versionIn(store)).toBe(1);
    await end(store, 'task', 0);
    await sweep();
    expect(await versionIn(store)).toBe(0);
  });

  it('that begins while it is about to be deleted is not', async () => {
    const { store, durable } = await openStore(temporaryFolder());
    await commit(store);
    store.keep([key], 0);
    const starting = start(store, 'task');
    await store.sweep();
    await starting;
    expect(await durable.read(key, 'task')).not.toBeNull();
    expect(await versionIn(store)).toBe(1);
  });

  it('takes with it what the task runs with, if it is damaged and expires', async () => {
    const path = temporaryFolder();
    const first = await openStore(path);
    await commit(first.store);
    await start(first.store, 'whole');
    await start(first.store, 'damaged');
    first.store.keep([key], 1);
    await first.store.cancelTask(key, 'damaged');
    await first.store.close();
    await damage(path, key, 'cancelled');
    const { store, found } = await openStore(path);
    expect(found).toEqual(['whole']);
    const readAt = Date.now();
    await until(() => Date.now() > readAt, 'its time is over');
    store.keep([], 1);
    await store.sweep();
    await store.close();
    for (const table of ['tasks', 'memories', 'entries']) {
      expect(await countRecords(path, table)).toBe(0);
    }
  });
});

it('a folder of a version that knew no durable tasks opens', async () => {
  const path = temporaryFolder();
  const first = await openStore(path);
  const started = [record('lost', { durable: undefined })];
  await commit(first.store, { tasks: { started, ended: [] } });
  await first.store.close();
  const root = open({ path, encoding: 'binary' });
  await root.openDB('memories', { encoding: 'binary' }).drop();
  expect([...root.getKeys()]).not.toContain('memories');
  await root.close();

  const { store, durable, lost } = await openStore(path);
  expect([lost.length, await versionIn(store)]).toEqual([1, 1]);
  await start(store, 'task');
  expect(await durable.read(key, 'task')).toMatchObject({ memory: memory('task') });
});
