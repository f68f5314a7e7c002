import { randomUUID } from 'node:crypto';
import type { StateStore } from 'statewire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptySnapshot, type Position } from '../../src/state/snapshot.ts';
import type { TaskOutcome } from '../../src/state/task-status.ts';
import type { Commit, Lease } from '../../src/store/state-store.ts';
import {
  type EndedTask,
  maxEndedTasks,
  type TaskChanges,
  type TaskRecord,
} from '../../src/store/stored-task.ts';
import { hashToken } from '../../src/tokens/token-key.ts';
import type { StoreFactory } from '../support/lab.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

const key = hashToken('T');
const nowhere = emptySnapshot;
const none: TaskChanges = { started: [], ended: [] };
const longMs = 60_000;

async function open(createStore: StoreFactory): Promise<StateStore> {
  const store = await createStore();
  onTestFinished(() => store.close());
  await store.open({ logger: silentLogger, onInherit() {}, onDisowned() {} });
  return store;
}

function record(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id,
    state: 'Cell',
    event: 'work',
    parent: null,
    attempt: 1,
    context: null,
    createdAt: 0,
    startedAt: null,
    progress: null,
    message: null,
    ...more,
  };
}

function ended(id: string, more: Partial<EndedTask> = {}): EndedTask {
  const ending = { outcome: 'SUCCEEDED', endedAt: 5, error: null } as const;
  return { record: record(id), ending, listedMs: longMs, ...more };
}

function endedAs(id: string, outcome: TaskOutcome): EndedTask {
  return ended(id, { ending: { outcome, endedAt: 5, error: null } });
}

async function positionIn(store: StateStore): Promise<Position> {
  const { snapshot, entries } = await store.read(key, nowhere);
  return entries.at(-1) ?? snapshot ?? nowhere;
}

/** A commit that follows the newest one. */
async function nextCommit(store: StateStore, more: Partial<Commit>): Promise<Commit> {
  const { version, id: previousId, firstId } = await positionIn(store);
  const id = randomUUID();
  const position = { version: version + 1, id, firstId: firstId || id };
  const state = { version: position.version, loaded: false, values: { n: 1 }, computed: {} };
  return {
    entry: {
      ...position,
      previousId,
      operations: [['set', ['Cell'], state]],
      changed: { Cell: ['n'] },
    },
    after: { ...position, states: { Cell: state } },
    tasks: none,
    task: null,
    isLast: false,
    ...more,
  };
}

async function inLease<T>(store: StateStore, work: (lease: Lease) => Promise<T>): Promise<T> {
  const lease = await store.acquire(key, await positionIn(store), () => {});
  try {
    return await work(lease);
  } finally {
    await lease.release();
  }
}

function commit(store: StateStore, more: Partial<Commit>): Promise<void> {
  return inLease(store, async (lease) => lease.commit(await nextCommit(store, more)));
}

function start(store: StateStore, ...started: TaskRecord[]): Promise<void> {
  return store.trackTasks(key, { started, ended: [] });
}

function end(store: StateStore, ...tasks: EndedTask[]): Promise<void> {
  return store.trackTasks(key, { started: [], ended: tasks });
}

/** The tasks that are listed: their ids, and how they have ended. */
async function listed(store: StateStore): Promise<string[]> {
  const tasks = await store.listTasks(key);
  return tasks.map(({ record: { id }, ending }) => (ending ? `${id} ${ending.outcome}` : id));
}

/** Watches, and notes what it is told. */
class Watcher {
  commits = 0;
  tasks = 0;
  readonly cancelled: string[] = [];
  onCommit(): void {
    this.commits += 1;
  }
  onTasks(): void {
    this.tasks += 1;
  }
  onCancel(id: string): void {
    this.cancelled.push(id);
  }
}

export function storeTaskTests(createStore: StoreFactory): void {
  describe('the tasks of a store', () => {
    it('are listed as they were recorded, on record and ended', async () => {
      const store = await open(createStore);
      const context = { user: 'Ann', roles: ['a', 'b'], nested: { at: null } };
      const known = {
        parent: 'p',
        attempt: 3,
        startedAt: 2.5,
        progress: 0.25,
        message: '½ "done"',
      };
      const first = record('first', { ...known, context, createdAt: 1 });
      const second = record('second', { ...known, context, createdAt: 2 });
      await start(store, first);
      await commit(store, { tasks: { started: [second], ended: [] } });
      const onRecord = { cancelledAt: null, ending: null };
      expect(await store.listTasks(key)).toEqual([
        { record: first, ...onRecord },
        { record: second, ...onRecord },
      ]);
      const last = { ...first, context: null, progress: 1, message: 'done' };
      const error = { code: 'X', message: 'It "failed".' };
      const ending = { outcome: 'FAILED', endedAt: 7, error } as const;
      await end(store, { record: last, ending, listedMs: longMs });
      expect(await store.listTasks(key)).toEqual([
        { record: last, cancelledAt: null, ending },
        { record: second, ...onRecord },
      ]);
    });

    it('are of one token', async () => {
      const store = await open(createStore);
      await start(store, record('task'), record('over'));
      await end(store, ended('over'));
      expect(await store.listTasks(hashToken('other'))).toEqual([]);
      expect(await store.cancelTask(hashToken('other'), 'task')).toBe(false);
      await store.updateTask(hashToken('other'), record('task'));
      expect(await store.listTasks(hashToken('other'))).toEqual([]);
    });

    it('are listed in the order in which they were triggered, ended or not', async () => {
      const store = await open(createStore);
      const times = { d: 4, b: 2, a: 1, c: 3 };
      for (const [id, createdAt] of Object.entries(times)) {
        await start(store, record(id, { createdAt }));
      }
      for (const id of ['d', 'b'] as const) {
        await end(store, ended(id, { record: record(id, { createdAt: times[id] }) }));
      }
      expect(await listed(store)).toEqual(['a', 'b SUCCEEDED', 'c', 'd SUCCEEDED']);
    });

    it('end in a commit, or outside one, once', async () => {
      const store = await open(createStore);
      await commit(store, { tasks: { started: [record('a', { createdAt: 1 })], ended: [] } });
      await start(store, record('b', { createdAt: 2 }));
      const endOfB = ended('b', { record: record('b', { createdAt: 2 }) });
      await commit(store, { tasks: { started: [], ended: [endOfB] } });
      expect(await listed(store)).toEqual(['a', 'b SUCCEEDED']);
      const endOfA = ended('a', { record: record('a', { createdAt: 1 }) });
      await end(store, endOfA);
      await end(store, endOfA);
      await end(store, endedAs('b', 'LOST'));
      expect(await listed(store)).toEqual(['a SUCCEEDED', 'b SUCCEEDED']);
    });

    it('that have ended, or never began, can commit nothing more', async () => {
      const store = await open(createStore);
      await start(store, record('task'));
      await end(store, ended('task'));
      const lost = { code: 'TASK_LOST' };
      for (const id of ['task', 'other']) {
        await expect(commit(store, { task: id })).rejects.toMatchObject(lost);
        const tasks = { started: [record('next')], ended: [ended(id)] };
        await expect(commit(store, { tasks })).rejects.toMatchObject(lost);
      }
      await end(store, ended('other'));
      expect((await positionIn(store)).version).toBe(0);
      expect(await listed(store)).toEqual(['task SUCCEEDED']);
    });

    it('that begin and end at once have ended', async () => {
      const store = await open(createStore);
      await store.trackTasks(key, { started: [record('task')], ended: [ended('task')] });
      expect(await listed(store)).toEqual(['task SUCCEEDED']);
    });

    it('that have ended are listed for their time, and those of no time never', async () => {
      const store = await open(createStore);
      await start(store, record('never'), record('short'), record('long'), record('running'));
      await end(store, ended('never', { listedMs: 0 }));
      expect(await listed(store)).not.toContain('never SUCCEEDED');
      await end(store, ended('long'));
      const endedAt = Date.now();
      await end(store, ended('short', { listedMs: 200 }));
      await until(async () => !(await listed(store)).includes('short SUCCEEDED'), 'it is over');
      expect(Date.now() - endedAt).toBeGreaterThan(150);
      const rest = ['long SUCCEEDED', 'running'];
      expect((await listed(store)).sort()).toEqual(rest);
      await store.sweep();
      expect((await listed(store)).sort()).toEqual(rest);
    });

    it('that ended just now are all listed, however many', async () => {
      const store = await open(createStore);
      const ids = Array.from({ length: maxEndedTasks + 5 }, (_, index) => `task ${index}`);
      await start(store, ...ids.map((id) => record(id)));
      const ending = { outcome: 'SUCCEEDED', endedAt: Date.now(), error: null } as const;
      await end(store, ...ids.map((id) => ended(id, { ending })));
      expect(await listed(store)).toHaveLength(ids.length);
    });

    it('that have ended are listed up to a number, the latest', async () => {
      const store = await open(createStore);
      const ids = Array.from({ length: maxEndedTasks + 5 }, (_, index) => `task ${index}`);
      const ends = ids.map((id, index) => {
        const known = record(id, { createdAt: index });
        const ending = { outcome: 'SUCCEEDED', endedAt: 1_000 + index, error: null } as const;
        return ended(id, { record: known, ending });
      });
      await start(store, ...ends.map((task) => task.record));
      await end(store, ...ends.slice(0, 3));
      for (const task of ends.slice(3, 8)) await end(store, task);
      await end(store, ...ends.slice(8, -1));
      await commit(store, { tasks: { started: [], ended: ends.slice(-1) } });
      const latest = ids.slice(5).map((id) => `${id} SUCCEEDED`);
      expect(await listed(store)).toEqual(latest);
      // Those that are not listed take no place.
      await start(store, record('never'));
      const ending = { outcome: 'SUCCEEDED', endedAt: 5_000, error: null } as const;
      await end(store, ended('never', { ending, listedMs: 0 }));
      expect(await listed(store)).toEqual(latest);
    });

    it('that have ended stay when their token expires, and those on record go', async () => {
      const store = await open(createStore);
      await commit(store, { tasks: { started: [record('over'), record('running')], ended: [] } });
      await end(store, ended('over'));
      store.keep([key], 1);
      await until(async () => (await positionIn(store)).version === 0, 'it has expired');
      await store.sweep();
      await until(async () => !(await listed(store)).includes('running'), 'its tasks have gone');
      expect(await listed(store)).toEqual(['over SUCCEEDED']);
      store.keep([key], longMs);
      await commit(store, {});
      expect(await listed(store)).toEqual(['over SUCCEEDED']);
    });

    it('are updated while they are on record, and nobody has cancelled them', async () => {
      const store = await open(createStore);
      await start(store, record('task'), record('over'));
      await end(store, ended('over', { record: record('over', { createdAt: 1 }) }));
      const halfway = record('task', { startedAt: 3, attempt: 2, progress: 0.5, message: 'half' });
      await store.updateTask(key, halfway);
      await store.cancelTask(key, 'task');
      const cancelledAt = (await store.listTasks(key))[0]?.cancelledAt;
      await store.updateTask(key, { ...halfway, progress: 0.75 });
      await store.updateTask(key, record('over', { message: 'too late' }));
      await store.updateTask(key, record('unknown'));
      expect(await store.listTasks(key)).toMatchObject([
        { record: halfway, cancelledAt, ending: null },
        { record: { id: 'over', message: null }, ending: { outcome: 'SUCCEEDED' } },
      ]);
      expect(cancelledAt).toEqual(expect.any(Number));
    });

    it('are cancelled if they are on record; the first time counts', async () => {
      const store = await open(createStore);
      await start(store, record('task'), record('over'));
      await end(store, ended('over'));
      const before = Date.now();
      expect(await store.cancelTask(key, 'task')).toBe(true);
      const marks = async () => (await store.listTasks(key)).map((task) => task.cancelledAt);
      const first = await marks();
      const [mark] = first.filter((at) => at !== null);
      expect(mark).toBeGreaterThan(before - 1_000);
      expect(mark).toBeLessThan(Date.now() + 1_000);
      const cancelledAt = Date.now();
      await until(() => Date.now() > cancelledAt + 2, 'the clock goes on');
      expect(await store.cancelTask(key, 'task')).toBe(true);
      expect(await marks()).toEqual(first);
      expect(await store.cancelTask(key, 'over')).toBe(false);
      expect(await store.cancelTask(key, 'unknown')).toBe(false);
    });

    it('that are cancelled can commit nothing more, and the lease stays good', async () => {
      const store = await open(createStore);
      await start(store, record('task'), record('other'));
      await commit(store, { task: 'task' });
      await inLease(store, async (lease) => {
        await store.cancelTask(key, 'task');
        const refused = [
          { task: 'task' },
          { tasks: { started: [record('new')], ended: [ended('other'), ended('task')] } },
          { tasks: { started: [], ended: [endedAs('task', 'FAILED')] }, task: 'other' },
        ];
        for (const each of refused) {
          const commit = await nextCommit(store, each);
          await expect((async () => lease.commit(commit))()).rejects.toMatchObject({
            code: 'TASK_CANCELLED',
          });
          expect((await positionIn(store)).version).toBe(1);
          expect((await listed(store)).sort()).toEqual(['other', 'task']);
        }
        await lease.commit(await nextCommit(store, { task: 'other' }));
      });
      expect((await positionIn(store)).version).toBe(2);
    });

    it('that are cancelled end as that, and are listed with the time', async () => {
      const store = await open(createStore);
      await start(store, record('a'), record('b'), record('c'));
      for (const id of ['a', 'b']) await store.cancelTask(key, id);
      const attempt = store.trackTasks(key, {
        started: [record('new')],
        ended: [ended('c'), endedAs('a', 'LOST')],
      });
      await expect(attempt).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
      expect((await listed(store)).sort()).toEqual(['a', 'b', 'c']);
      await end(store, endedAs('a', 'CANCELLED'));
      await commit(store, { tasks: { started: [], ended: [endedAs('b', 'CANCELLED')] } });
      expect((await listed(store)).sort()).toEqual(['a CANCELLED', 'b CANCELLED', 'c']);
      for (const { record: task, cancelledAt } of await store.listTasks(key)) {
        expect(cancelledAt === null).toBe(task.id === 'c');
      }
      // Too late, and of no effect.
      await end(store, endedAs('a', 'FAILED'));
      expect((await listed(store)).sort()).toEqual(['a CANCELLED', 'b CANCELLED', 'c']);
    });

    it('are cancelled before a commit or after it, never in between', async () => {
      const store = await open(createStore);
      for (let round = 0; round < 20; round += 1) {
        const id = `task ${round}`;
        await start(store, record(id));
        await inLease(store, async (lease) => {
          const next = await nextCommit(store, {
            tasks: { started: [], ended: [ended(id, { listedMs: 0 })] },
          });
          const work = [async () => lease.commit(next), async () => store.cancelTask(key, id)];
          if (round % 2 === 1) work.reverse();
          const results = await Promise.allSettled(work.map((each) => each()));
          if (round % 2 === 1) results.reverse();
          const [ending, cancelling] = results;
          const isStored = ending?.status === 'fulfilled';
          expect(cancelling).toMatchObject({ status: 'fulfilled', value: !isStored });
          expect(await listed(store)).toEqual(isStored ? [] : [id]);
          if (!isStored) await end(store, ended(id, { ...endedAs(id, 'CANCELLED'), listedMs: 0 }));
        });
      }
    });

    it('ring at each change, and each watcher is told who was cancelled', async () => {
      const store = await open(createStore);
      const watcher = new Watcher();
      const other = new Watcher();
      for (const each of [watcher, other]) onTestFinished(store.watch(key, each));
      const rings = async (work: () => Promise<unknown>, what: string) => {
        const before = [watcher.tasks, other.tasks];
        await work();
        const haveRung = () => watcher.tasks > Number(before[0]) && other.tasks > Number(before[1]);
        await until(haveRung, `${what} rings`);
      };
      await rings(() => start(store, record('a'), record('b')), 'a start');
      await rings(() => store.updateTask(key, record('a', { progress: 0.5 })), 'an update');
      await rings(() => store.cancelTask(key, 'a'), 'a cancellation');
      for (const { cancelled } of [watcher, other]) {
        await until(() => cancelled.length > 0, 'it is told');
        expect(cancelled).toEqual(['a']);
      }
      await rings(() => end(store, endedAs('a', 'CANCELLED')), 'an end');
      const tasks = { started: [record('c')], ended: [ended('b')] };
      const commits = watcher.commits;
      await rings(() => commit(store, { tasks }), 'a commit with tasks');
      await until(() => watcher.commits > commits, 'and as a commit');
      await store.cancelTask(key, 'unknown');
      await store.cancelTask(key, 'c');
      await until(() => watcher.cancelled.length > 1, 'the next is told');
      expect(watcher.cancelled).toEqual(['a', 'c']);
    });

    it('ring for who watches twice until both have stopped', async () => {
      const store = await open(createStore);
      const watcher = new Watcher();
      const unwatch = [store.watch(key, watcher), store.watch(key, watcher)];
      const witness = new Watcher();
      onTestFinished(store.watch(key, witness));
      await start(store, record('a'));
      await store.cancelTask(key, 'a');
      await until(() => watcher.cancelled.length === 2, 'each registration is told');
      unwatch[0]?.();
      unwatch[0]?.();
      await store.cancelTask(key, 'a');
      await until(() => watcher.cancelled.length === 3, 'one is left');
      unwatch[1]?.();
      await store.cancelTask(key, 'a');
      await until(() => witness.cancelled.length === 3, 'somebody else is told');
      expect(watcher.cancelled).toHaveLength(3);
    });
  });
}
