// A store on the disk, as a stranger would use it.
import SchemaBuilder from '@pothos/core';
import { createApp, statewire } from 'statewire';
import { type LmdbStore, lmdbStore } from 'statewire/lmdb';

const builder = new SchemaBuilder({ plugins: [statewire()] });
const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
const schema = builder.toSchema();

async function count(): Promise<number> {
  const store: LmdbStore = lmdbStore({ path: 'store' });
  const app = createApp({ schema, store, development: true });
  const n = await app.modifyState(Counter, app.keyOf('me'), (s) => {
    s.n += 1;
    return s.n;
  });
  await app.close();
  return n;
}

console.log(await count(), await count());
