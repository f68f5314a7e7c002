import { createApp, StatewireError } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { createBuilder } from '../../support/lab.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const builder = createBuilder();
const Counter = builder.state('Counter', {
  vars: (t) => ({ n: t.int({ default: 0 }), text: t.string({ default: '' }) }),
});
const schema = builder.toSchema();

/** Several commits each. */
const commits = { A: 20, B: 1, C: 300 };

export async function writeSome(path: string): Promise<void> {
  const app = createApp({
    schema,
    store: lmdbStore({ path }),
    logger: silentLogger,
    development: true,
  });
  for (const [token, count] of Object.entries(commits)) {
    for (let i = 0; i < count; i += 1) {
      await app.modifyState(Counter, app.keyOf(token), (s) => {
        s.n += 1;
        // Large enough for a compaction now and then.
        s.text = `${i}`.padEnd(2_000, 'x');
      });
    }
  }
  await app.close();
}

/** What each counter says, or the code of the error that it gives. */
export async function readAll(path: string): Promise<Record<string, number | string>> {
  const app = createApp({
    schema,
    store: lmdbStore({ path }),
    logger: silentLogger,
    development: true,
  });
  try {
    const read: Record<string, number | string> = {};
    for (const token of Object.keys(commits)) {
      read[token] = await app
        .modifyState(Counter, app.keyOf(token), (s) => s.n)
        .catch((error: unknown) => {
          if (error instanceof StatewireError) return error.code;
          throw error;
        });
    }
    return read;
  } finally {
    await app.close();
  }
}
