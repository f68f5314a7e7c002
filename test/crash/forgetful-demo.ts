// The demo on a store that is deliberately wrong: it acknowledges a commit some
// time before it writes it. The kill loop must catch it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { StateStore } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { createDemo } from '../../examples/demo.ts';
import { readEnvironment } from '../../examples/environment.ts';
import { forwardTo } from '../support/forward-store.ts';
import { silentLogger } from '../support/silent-logger.ts';

function acknowledgingEarly(store: StateStore): StateStore {
  return forwardTo(store, {
    async acquire(...args) {
      const lease = await store.acquire(...args);
      let written: Promise<void> = Promise.resolve();
      return {
        catchUp: lease.catchUp,
        async commit(commit) {
          written = written.then(() => sleep(5)).then(() => lease.commit(commit));
        },
        release: () => written.then(() => lease.release()),
      };
    },
  });
}

const store = acknowledgingEarly(lmdbStore(readEnvironment().store as { readonly path: string }));
const { server } = createDemo({ logger: silentLogger, store, pages: '.' });
console.log(await server.listen(0));
