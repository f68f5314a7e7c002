import type { StateStore } from 'statewire';
import type { DurableTasks } from '../../src/store/durable-tasks.ts';
import type { Commit } from '../../src/store/state-store.ts';

/** A store that does what another does, but for what is given. */
export function forwardTo(store: StateStore, instead: Partial<StateStore> = {}): StateStore {
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
    open: (host) => store.open(host),
    acquire: (...args) => store.acquire(...args),
    read: (...args) => store.read(...args),
    watch: (...args) => store.watch(...args),
    keep: (...args) => store.keep(...args),
    sweep: () => store.sweep(),
    trackTasks: (...args) => store.trackTasks(...args),
    updateTask: (...args) => store.updateTask(...args),
    cancelTask: (...args) => store.cancelTask(...args),
    listTasks: (key) => store.listTasks(key),
    enter: (...args) => store.enter(...args),
    leave: (...args) => store.leave(...args),
    close: () => store.close(),
    ...instead,
  };
}

/** The same for the durable tasks of a store. */
export function forwardDurable(
  { durable }: StateStore,
  instead: (durable: DurableTasks) => Partial<DurableTasks>,
): DurableTasks {
  if (!durable) throw new Error('Expected a store with durable tasks.');
  return {
    start: (host) => durable.start(host),
    handOver: (...args) => durable.handOver(...args),
    withdraw: (...args) => durable.withdraw(...args),
    read: (...args) => durable.read(...args),
    claim: (...args) => durable.claim(...args),
    pause: () => durable.pause(),
    ...instead(durable),
  };
}

/** What takes the place of commits of another store: `forward` is its own. */
type InsteadOfCommit = (commit: Commit, forward: () => Promise<void>) => Promise<void>;

/** One that commits otherwise, and does something else too, if that is given. */
export function insteadOfCommits(
  store: StateStore,
  commitOtherwise: InsteadOfCommit,
  instead: Partial<StateStore> = {},
): StateStore {
  return forwardTo(store, {
    async acquire(...args) {
      const lease = await store.acquire(...args);
      return {
        catchUp: lease.catchUp,
        commit: (commit) => commitOtherwise(commit, async () => lease.commit(commit)),
        release: () => lease.release(),
      };
    },
    ...instead,
  });
}

/** One that does something before each commit: waits, or throws in place of it. */
export function beforeCommits(store: StateStore, before: () => void | Promise<void>): StateStore {
  return insteadOfCommits(store, async (_commit, forward) => {
    await before();
    await forward();
  });
}
