import { join } from 'node:path';
import { createApp, type Logger } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { expect, it } from 'vitest';
import { damageOf } from '../../../src/store/lmdb/check-file.ts';
import { createBuilder } from '../../support/lab.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const builder = createBuilder();
const Page = builder.state('Page', {
  vars: (t) => ({ n: t.int({ default: 0 }), text: t.string({ default: '' }) }),
});
const work = Page.background('work', {
  onExit: (s) => {
    s.n += 1;
  },
}).resolve(async (self) => {
  await self.sleep(3);
});
const schema = builder.toSchema();

const oneOf = (count: number) => Math.floor(Math.random() * count);
const now = (share: number) => Math.random() < share;

it('opened and closed again and again, with commits, tasks, sweeps, expiry and backups at once, a store stays sound', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'store');
  const errors: unknown[] = [];
  const logger: Logger = { ...silentLogger, error: (...line) => void errors.push(line) };
  const endsAt = Date.now() + 4_000;
  for (let cycle = 0; Date.now() < endsAt; cycle += 1) {
    // Refused if the check before it finds anything.
    const store = lmdbStore({ path, durability: now(0.5) ? 'async' : 'sync' });
    const limits = { idleTtlMs: now(0.3) ? 30 : 100_000 };
    const app = createApp({ schema, store, limits, logger, development: true });
    const jobs: Promise<unknown>[] = [];
    for (let step = 0; step < 60; step += 1) {
      const key = app.keyOf(`T${oneOf(40)}`);
      const text = 'x'.repeat(oneOf(now(0.1) ? 400_000 : 3_000));
      const change = app.modifyState(Page, key, (s) => {
        s.n += 1;
        s.text = text;
      });
      jobs.push(now(0.1) ? app.dispatch(work, key) : change);
      if (now(0.3)) await Promise.all(jobs.splice(0));
      if (now(0.05)) await store.sweep();
    }
    await Promise.all(jobs);
    if (now(0.2)) {
      const copy = join(folder, `copy ${cycle}`);
      await store.backup(copy);
      expect(damageOf(join(copy, 'data.mdb'))).toBe(null);
    }
    await app.close();
    expect(errors).toEqual([]);
  }
});
