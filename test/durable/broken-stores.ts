import type { StateStore } from 'statewire';
import type { DurableTasks } from '../../src/store/durable-tasks.ts';
import type { Commit } from '../../src/store/state-store.ts';
import type { TaskMemory } from '../../src/store/stored-task.ts';
import type { TokenKey } from '../../src/tokens/token-key.ts';
import { forwardTo } from '../support/forward-store.ts';
import type { Fault } from './settings.ts';

/** What is done in place of a commit of another store. */
type Instead = (key: TokenKey, commit: Commit, store: (commit: Commit) => Promise<void>) => unknown;

/** The same store with something wrong about it. */
export const broken: Record<Fault, (store: StateStore) => StateStore> = {
  'dies at hand-over': dyingAtHandOver,
  'saves late': savingLate,
  'is not fenced': (store) =>
    committing(store, (_key, commit, forward) =>
      forward({ ...commit, task: null, attempt: undefined }),
    ),
};

function committing(store: StateStore, instead: Instead): StateStore {
  return forwardTo(store, {
    async acquire(key, ...rest) {
      const lease = await store.acquire(key, ...rest);
      return {
        catchUp: lease.catchUp,
        commit: async (commit) =>
          void (await instead(key, commit, async (each) => lease.commit(each))),
        release: () => lease.release(),
      };
    },
  });
}

/** Its process is killed when a task is handed over, which is on record by then. */
function dyingAtHandOver(store: StateStore): StateStore {
  const durable = store.durable as DurableTasks;
  return forwardTo(store, {
    durable: {
      start: (host) => durable.start(host),
      handOver: () => {
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => {});
      },
      withdraw: (...args) => durable.withdraw(...args),
      read: (...args) => durable.read(...args),
      claim: (...args) => durable.claim(...args),
      pause: () => durable.pause(),
    },
  });
}

/** A checkpoint is not stored in its commit, but just before the next one. */
function savingLate(store: StateStore): StateStore {
  let late: readonly TaskMemory[] = [];
  return committing(store, async (key, commit, forward) => {
    const { started, ended, saved = [] } = commit.tasks;
    const now = saved.filter(({ attempt }) => attempt === 0);
    const before = late;
    late = saved.filter(({ attempt }) => attempt > 0);
    if (before.length > 0) {
      await store.trackTasks(key, { started: [], ended: [], saved: before }).catch(() => {});
    }
    await forward({ ...commit, tasks: { started, ended, saved: now } });
  });
}
