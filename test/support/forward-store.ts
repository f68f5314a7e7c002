import type { StateStore } from 'statewire';

/** A store that does what another does, but for what is given. */
export function forwardTo(store: StateStore, instead: Partial<StateStore> = {}): StateStore {
  return {
    get generation() {
      return store.generation;
    },
    get available() {
      return store.available;
    },
    open: (host) => store.open(host),
    acquire: (...args) => store.acquire(...args),
    read: (...args) => store.read(...args),
    watch: (...args) => store.watch(...args),
    keep: (...args) => store.keep(...args),
    sweep: () => store.sweep(),
    trackTasks: (...args) => store.trackTasks(...args),
    listTasks: (key) => store.listTasks(key),
    enter: (...args) => store.enter(...args),
    leave: (...args) => store.leave(...args),
    close: () => store.close(),
    ...instead,
  };
}

/** One that does something before each commit: waits, or throws in place of it. */
export function beforeCommits(store: StateStore, before: () => void | Promise<void>): StateStore {
  return forwardTo(store, {
    async acquire(...args) {
      const lease = await store.acquire(...args);
      return {
        catchUp: lease.catchUp,
        async commit(commit) {
          await before();
          await lease.commit(commit);
        },
        release: () => lease.release(),
      };
    },
  });
}
