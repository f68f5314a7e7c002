import { storeErrors } from '../diagnostics/store-error.ts';
import { ShuttingDownError } from '../errors/index.ts';
import { andThen, type MaybePromise, orElse } from '../time/at-once.ts';
import type { Lease, StateStore } from './state-store.ts';

/** The same store; what it fails to do is told to whoever listens to its errors. */
export function observedStore(store: StateStore): StateStore {
  return {
    get generation() {
      return store.generation;
    },
    get available() {
      return store.available;
    },
    get durable() {
      return store.durable;
    },
    open: (host) => observed('open', store.open(host)),
    // On the way of every event: nothing is between while nobody listens.
    acquire: (key, known, onLost) => {
      if (!storeErrors.hasSubscribers) return store.acquire(key, known, onLost);
      return andThen(
        observedNow('acquire', () => store.acquire(key, known, onLost)),
        observedLease,
      );
    },
    read: (key, known) => observed('read', store.read(key, known)),
    watch: (key, watcher) => store.watch(key, watcher),
    keep: (keys, ttlMs) => store.keep(keys, ttlMs),
    sweep: () => observed('sweep', store.sweep()),
    trackTasks: (key, tasks) => observed('trackTasks', store.trackTasks(key, tasks)),
    updateTask: (key, task) => observed('updateTask', store.updateTask(key, task)),
    cancelTask: (key, taskId) => observed('cancelTask', store.cancelTask(key, taskId)),
    listTasks: (key) => observed('listTasks', store.listTasks(key)),
    enter: (key, state) => observed('enter', store.enter(key, state)),
    leave: (key, state) => observed('leave', store.leave(key, state)),
    close: () => observed('close', store.close()),
  };
}

function observedLease(lease: Lease): Lease {
  return {
    catchUp: lease.catchUp,
    commit: (commit) => observedNow('commit', () => lease.commit(commit)),
    release: () => observedNow('release', () => lease.release()),
  };
}

/** The same promise: whoever waits for it waits no longer for this. */
function observed<T>(operation: string, work: Promise<T>): Promise<T> {
  if (storeErrors.hasSubscribers) work.catch((error: unknown) => tell(operation, error));
  return work;
}

/** The same for what may be done, or fail, at once. */
function observedNow<T>(operation: string, work: () => MaybePromise<T>): MaybePromise<T> {
  return orElse(work, (error) => {
    tell(operation, error);
    throw error;
  });
}

function tell(operation: string, error: unknown): void {
  if (!(error instanceof ShuttingDownError)) storeErrors.publish({ operation, error });
}
