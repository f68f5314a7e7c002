import { lmdbStore } from 'statewire/lmdb';
import { expect, it, onTestFinished } from 'vitest';
import type { StateStore } from '../../../src/store/state-store.ts';
import {
  type EndedTask,
  maxEndedTasks,
  type StoredTask,
  type TaskRecord,
} from '../../../src/store/stored-task.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { countRecords, damage } from './records.ts';

const key = hashToken('T');
const other = hashToken('other');
const longMs = 60_000;

/** A store in a folder, and what a former process has left in it. */
async function open(path: string) {
  const store = lmdbStore({ path });
  onTestFinished(() => store.close());
  const left: StoredTask[] = [];
  const onInherit = (_key: string, { tasks }: { readonly tasks: readonly StoredTask[] }) => {
    left.push(...tasks);
  };
  await store.open({ logger: silentLogger, onInherit, onDisowned() {} });
  return { store, left };
}

function record(id: string, createdAt = 0): TaskRecord {
  const context = { user: id };
  const known = { state: 'Cell', event: 'work', parent: null, attempt: 1, context, createdAt };
  return { id, ...known, startedAt: null, progress: 0.5, message: 'half' };
}

function ended(id: string, listedMs = longMs): EndedTask {
  const ending = { outcome: 'SUCCEEDED', endedAt: 5, error: null } as const;
  return { record: record(id), ending, listedMs };
}

async function runAndEnd(store: StateStore, ...tasks: EndedTask[]): Promise<void> {
  const started = tasks.map((task) => task.record);
  await store.trackTasks(key, { started, ended: [] });
  await store.trackTasks(key, { started: [], ended: tasks });
}

async function listed(store: StateStore): Promise<string[]> {
  return (await store.listTasks(key)).map((task) => task.record.id);
}

it('a task that was cancelled is inherited as that, and can only end as that', async () => {
  const path = temporaryFolder();
  const first = await open(path);
  const started = [record('cancelled', 1), record('running', 2)];
  await first.store.trackTasks(key, { started, ended: [] });
  await first.store.cancelTask(key, 'cancelled');
  const before = await first.store.listTasks(key);
  await first.store.close();
  const { store, left } = await open(path);
  expect(left).toEqual(before);
  expect(left.map(({ cancelledAt }) => cancelledAt)).toEqual([expect.any(Number), null]);
  const attempt = store.trackTasks(key, { started: [], ended: [ended('cancelled')] });
  await expect(attempt).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  await store.trackTasks(key, { started: [], ended: [ended('running')] });
});

it('a task that is never listed leaves nothing', async () => {
  const path = temporaryFolder();
  const { store } = await open(path);
  await runAndEnd(store, ended('task', 0));
  await store.close();
  for (const table of ['tasks', 'ended']) expect(await countRecords(path, table)).toBe(0);
});

it('the mark of a task that was cancelled goes with it', async () => {
  const path = temporaryFolder();
  const { store } = await open(path);
  await store.trackTasks(key, { started: [record('task')], ended: [] });
  await store.cancelTask(key, 'task');
  const ending = { outcome: 'CANCELLED', endedAt: 5, error: null } as const;
  await store.trackTasks(key, { started: [], ended: [{ ...ended('task'), ending }] });
  await store.close();
  expect(await countRecords(path, 'cancelled')).toBe(0);
});

it('the mark of a task that was cancelled goes with its token', async () => {
  const path = temporaryFolder();
  const { store } = await open(path);
  await store.trackTasks(key, { started: [record('task')], ended: [] });
  await store.cancelTask(key, 'task');
  store.keep([key], 1);
  await until(async () => {
    await store.read(key, { version: 0, id: '', firstId: '' });
    return (await listed(store)).length === 0;
  }, 'it has expired');
  await store.close();
  expect(await countRecords(path, 'cancelled')).toBe(0);
});

it('tasks that have ended are listed for the rest of their time after a restart, and deleted then', async () => {
  const path = temporaryFolder();
  const first = await open(path);
  await runAndEnd(first.store, ended('long'), ended('ever', Number.POSITIVE_INFINITY));
  await runAndEnd(first.store, ended('short', 500));
  const before = await first.store.listTasks(key);
  await first.store.close();
  const { store, left } = await open(path);
  expect(left).toEqual([]);
  expect(await store.listTasks(key)).toEqual(before);
  await until(async () => !(await listed(store)).includes('short'), 'its time is over');
  await store.sweep();
  expect((await listed(store)).sort()).toEqual(['ever', 'long']);
  await store.close();
  expect(await countRecords(path, 'ended')).toBe(2);
});

it('tasks that have ended are deleted in their time, however many there are', async () => {
  const path = temporaryFolder();
  const { store } = await open(path);
  const keys = Array.from({ length: 30 }, (_, index) => hashToken(`T${index}`));
  const ids = Array.from({ length: 90 }, (_, index) => `task ${index}`);
  // Half of them, among more than are looked at in one turn.
  const tasks = ids.map((id, index) => ended(id, index % 2 === 0 ? 1 : longMs));
  const started = tasks.map((task) => task.record);
  await Promise.all(keys.map((each) => store.trackTasks(each, { started, ended: tasks })));
  const last = keys[29] ?? key;
  await until(async () => (await store.listTasks(last)).length === 45, 'they are over');
  await store.sweep();
  await store.close();
  expect(await countRecords(path, 'ended')).toBe(30 * 45);
});

it('tasks whose time is over take no place of those that are listed', async () => {
  const path = temporaryFolder();
  const { store } = await open(path);
  const long = Array.from({ length: maxEndedTasks - 1 }, (_, index) => ended(`task ${index}`));
  await runAndEnd(store, ...long);
  const later = { outcome: 'SUCCEEDED', endedAt: 50, error: null } as const;
  await runAndEnd(store, { ...ended('short', 20), ending: later });
  await until(async () => !(await listed(store)).includes('short'), 'its time is over');
  await runAndEnd(store, { ...ended('last'), ending: later });
  expect(await listed(store)).toHaveLength(maxEndedTasks);
});

it('a task that has ended and is damaged stops nothing, and is not listed', async () => {
  const path = temporaryFolder();
  const first = await open(path);
  await runAndEnd(first.store, ended('damaged', 500));
  await first.store.close();
  await damage(path, key, 'ended');
  const { store } = await open(path);
  await runAndEnd(store, ended('whole'));
  expect(await listed(store)).toEqual(['whole']);
  expect(await store.cancelTask(key, 'damaged')).toBe(false);
  await store.read(key, { version: 0, id: '', firstId: '' });
  const damagedAt = Date.now();
  await until(() => Date.now() > damagedAt + 500, 'its time is over');
  await store.sweep();
  await store.close();
  expect(await countRecords(path, 'ended')).toBe(1);
});

it('the mark of a task that is damaged is the affair of its token', async () => {
  const path = temporaryFolder();
  const first = await open(path);
  for (const each of [key, other]) {
    await first.store.trackTasks(each, { started: [record('task')], ended: [] });
    await first.store.cancelTask(each, 'task');
  }
  await first.store.close();
  await damage(path, key, 'cancelled');
  const { store, left } = await open(path);
  expect(left).toHaveLength(1);
  const read = store.read(key, { version: 0, id: '', firstId: '' });
  await expect(read).rejects.toMatchObject({ code: 'STORE_CORRUPTED' });
  await store.read(other, { version: 0, id: '', firstId: '' });
});
