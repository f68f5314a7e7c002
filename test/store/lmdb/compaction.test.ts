import { open } from 'lmdb';
import { createApp } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { expect, it } from 'vitest';
import { createBuilder } from '../../support/lab.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const builder = createBuilder();
const Row = builder.objectRef<{ id: number; text: string }>('Row').implement({
  fields: (t) => ({ text: t.exposeString('text', { nullable: false }) }),
});
const Table = builder.state('Table', {
  vars: (t) => ({
    n: t.int({ default: 0 }),
    note: t.string({ default: '' }),
    rows: t.field({ type: [Row], default: [] }),
  }),
});
const schema = builder.toSchema();

const kilobyte = 'k'.repeat(1_000);

function startApp(path: string) {
  const store = lmdbStore({ path, durability: 'async' });
  const app = createApp({ schema, store, logger: silentLogger, development: true });
  return { app, key: app.keyOf('T') };
}

async function fill(path: string, { rows, commits }: { rows: number; commits: number }) {
  const { app, key } = startApp(path);
  await app.modifyState(Table, key, (s) => {
    s.rows = Array.from({ length: rows }, (_, id) => ({ id, text: kilobyte }));
  });
  for (let i = 0; i < commits; i += 1) {
    await app.modifyState(Table, key, (s) => {
      s.n += 1;
      s.note = `${i}${kilobyte}`;
    });
  }
  await app.close();
}

/** How many records a token has in each table. */
async function countRecords(path: string): Promise<{ entries: number; chunks: number }> {
  const root = open({ path, readOnly: true, encoding: 'binary' });
  const count = (name: string) => root.openDB(name, { encoding: 'binary' }).getKeysCount();
  const counts = { entries: count('entries'), chunks: count('chunks') };
  await root.close();
  return counts;
}

it('a log is replaced by a snapshot as soon as it is as large as one, and no sooner', async () => {
  const small = temporaryFolder();
  const large = temporaryFolder();
  await fill(small, { rows: 10, commits: 1_000 });
  await fill(large, { rows: 2_000, commits: 1_000 });

  // 256 KB of entries of a good KB at most.
  const ofSmall = await countRecords(small);
  expect(ofSmall.entries).toBeGreaterThan(0);
  expect(ofSmall.entries).toBeLessThan(256);
  expect(ofSmall.chunks).toBe(1);
  // The entry that put 2 MB in was replaced at once; since then there was no reason to write them again.
  const ofLarge = await countRecords(large);
  expect(ofLarge.entries).toBeGreaterThan(900);
  expect(ofLarge.chunks).toBeGreaterThan(20);

  for (const path of [small, large]) {
    const { app, key } = startApp(path);
    const rows = path === small ? 10 : 2_000;
    await app.modifyState(Table, key, (s) => {
      expect([s.n, s.note, s.rows.length]).toEqual([1_000, `999${kilobyte}`, rows]);
      expect(s.rows.at(-1)).toEqual({ id: rows - 1, text: kilobyte });
    });
    await app.close();
  }
});

it('a token goes on while its snapshot is written, and after it was deleted meanwhile', async () => {
  const path = temporaryFolder();
  const store = lmdbStore({ path, durability: 'async' });
  const limits = { idleTtlMs: 50 };
  const app = createApp({ schema, store, limits, logger: silentLogger, development: true });
  const key = app.keyOf('T');
  for (let round = 0; round < 5; round += 1) {
    let n = -1;
    while (n !== 1) {
      // A state that is fresh after it has expired, while its snapshot may be under way.
      n = await app.modifyState(Table, key, (s) => {
        s.n += 1;
        s.rows = Array.from({ length: 1_000 }, (_, id) => ({ id, text: `${s.n}${kilobyte}` }));
        return s.n;
      });
      if (n !== 1) await new Promise((resolve) => setTimeout(resolve, 60));
    }
    for (let i = 2; i < 20; i += 1) {
      await app.modifyState(Table, key, (s) => {
        s.n += 1;
        s.note = kilobyte;
        expect(s.n).toBe(i);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await app.close();
});
