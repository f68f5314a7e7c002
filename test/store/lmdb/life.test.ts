import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, createApp } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { describe, expect, it } from 'vitest';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { defineCell } from '../../support/cell.ts';
import { createBuilder, startLab } from '../../support/lab.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { countRecords, damage } from './records.ts';

const builder = createBuilder();
const exits: string[] = [];
const Cell = builder.state('Cell', {
  vars: (t) => ({ n: t.int({ default: 0 }), text: t.string({ default: '' }) }),
});
const work = Cell.background('work', {
  onExit: (s, { outcome }) => {
    exits.push(`${s.n} ${outcome}`);
  },
}).resolve(async (self) => {
  await self.sleep(1_000_000);
});
const schema = builder.toSchema();

function startApp(path: string, idleTtlMs = 1_000_000) {
  const store = lmdbStore({ path, durability: 'async' });
  const logs: string[] = [];
  const logger = {
    ...silentLogger,
    error: (_details: object, message: string) => void logs.push(message),
  };
  const limits = { idleTtlMs };
  return { store, logs, app: createApp({ schema, store, limits, logger, development: true }) };
}

function setN(app: App, token: string, n: number): Promise<void> {
  return app.modifyState(Cell, app.keyOf(token), (s) => {
    s.n = n;
  });
}

describe('tokens that come and go', () => {
  it('under load are never damaged by their end', async () => {
    const limits = { idleTtlMs: 40 };
    const open = () => lmdbStore({ path: temporaryFolder(), durability: 'async' });
    const { client, failures, logs } = await startLab(open, defineCell, { limits });
    const endsAt = Date.now() + 1_500;
    const users = Array.from({ length: 100 }, async (_, index) => {
      const token = `T${index}`;
      while (Date.now() < endsAt) {
        await sleep(20 + Math.random() * 50);
        const query =
          Math.random() < 0.5
            ? 'mutation ($token: ID!) { cellIncrement(token: $token) { version } }'
            : 'query ($token: ID!) { cell(token: $token) { version } }';
        expect((await client.run(query, { token })).version).toBeGreaterThanOrEqual(0);
      }
    });
    await Promise.all(users);
    expect([failures, logs]).toEqual([[], []]);
  });

  it('are deleted, damaged or not', async () => {
    const path = temporaryFolder();
    const first = startApp(path, 1);
    for (const token of ['A', 'B', 'C']) await setN(first.app, token, 1);
    const key = first.app.keyOf('B');
    await first.app.close();
    await damage(path, key);
    const { app, store } = startApp(path, 1);
    await sleep(5);
    await store.sweep();
    await app.close();
    expect(await countRecords(path, 'lifetimes')).toBe(0);
  });
});

describe('a damaged token', () => {
  it('says so, and stops neither the others nor the end of their lost tasks', async () => {
    const path = temporaryFolder();
    const first = startApp(join(path, 'store'));
    const tokens = ['A', 'B', 'C', 'D'];
    for (const [index, token] of tokens.entries()) await setN(first.app, token, index);
    for (const token of tokens) await first.app.dispatch(work, first.app.keyOf(token));
    await first.store.backup(join(path, 'copy'));
    const key = first.app.keyOf('B');
    await first.app.close();
    await damage(join(path, 'copy'), key);

    exits.length = 0;
    const { app, logs } = startApp(join(path, 'copy'));
    await until(() => exits.length === 3, 'three have ended');
    expect(exits.sort()).toEqual(['0 LOST', '2 LOST', '3 LOST']);
    await until(() => logs.length > 0, 'the fourth is told');
    await expect(setN(app, 'B', 7)).rejects.toMatchObject({ code: 'STORE_CORRUPTED' });
    await setN(app, 'A', 7);
    await app.close();
  });
});

describe('a damaged record', () => {
  it('of a token in use lets it not expire', async () => {
    const path = temporaryFolder();
    const first = startApp(path);
    await setN(first.app, 'A', 1);
    const key = first.app.keyOf('A');
    await first.app.close();
    await damage(path, key);
    const { app, store } = startApp(path, 100);
    for (let i = 0; i < 8; i += 1) {
      await expect(setN(app, 'A', 7)).rejects.toMatchObject({ code: 'STORE_CORRUPTED' });
      await sleep(30);
      await store.sweep();
    }
    await app.close();
  });

  it('of a task is the affair of its token', async () => {
    const path = temporaryFolder();
    const first = startApp(join(path, 'store'));
    for (const token of ['A', 'B']) await first.app.dispatch(work, first.app.keyOf(token));
    await first.store.backup(join(path, 'copy'));
    const key = first.app.keyOf('A');
    await first.app.close();
    await damage(join(path, 'copy'), key, 'tasks');
    exits.length = 0;
    const { app } = startApp(join(path, 'copy'));
    await until(() => exits.length === 1, 'the other has ended');
    await expect(setN(app, 'A', 7)).rejects.toMatchObject({ code: 'STORE_CORRUPTED' });
    await setN(app, 'B', 7);
    await app.close();
  });

  it('of the time of a token costs nothing but that', async () => {
    const path = temporaryFolder();
    const first = startApp(path);
    await setN(first.app, 'A', 1);
    const key = first.app.keyOf('A');
    await first.app.close();
    await damage(path, key, 'lifetimes');
    const { app, store } = startApp(path);
    await setN(app, 'A', 2);
    await store.sweep();
    await app.close();
    const next = startApp(path);
    await setN(next.app, 'A', 3);
    await next.app.close();
  });
});

describe('the time of a token', () => {
  it('is stored when the store closes, and not for tokens of which nothing is', async () => {
    const path = temporaryFolder();
    const first = startApp(path, 1_000);
    await setN(first.app, 'A', 1);
    await first.app.modifyState(Cell, first.app.keyOf('B'), () => {});
    await sleep(600);
    await first.app.modifyState(Cell, first.app.keyOf('A'), () => {});
    await first.app.close();
    expect(await countRecords(path, 'lifetimes')).toBe(1);
    await sleep(700);
    // From the last use on, and a quarter more.
    const { app } = startApp(path, 1_000);
    expect(await app.modifyState(Cell, app.keyOf('A'), (s) => s.n)).toBe(1);
    await app.close();
  });
});

describe('a state that is written anew with each commit', () => {
  it('takes a few times its size on the disk, however many there are', async () => {
    const path = temporaryFolder();
    const { app, store } = startApp(path);
    for (let i = 0; i < 300; i += 1) {
      await app.modifyState(Cell, app.keyOf('T'), (s) => {
        s.text = `${i}`.padEnd(330_000, 'x');
      });
    }
    await app.close();
    await store.close();
    expect(statSync(join(path, 'data.mdb')).size).toBeLessThan(330_000 * 60);
  });
});

describe('a store that is closed', () => {
  it('tells who waits for it', async () => {
    const path = temporaryFolder();
    const store = lmdbStore({ path });
    const key = hashToken('T');
    const nowhere = { version: 0, id: '', firstId: '' };
    const lease = await store.acquire(key, nowhere, () => {});
    const waiting = store.acquire(key, nowhere, () => {});
    await store.close();
    await lease.release();
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(store.read(key, nowhere)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(store.acquire(key, nowhere, () => {})).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    });
    await expect(store.trackTasks(key, { started: [], ended: [] })).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    });
    await store.sweep();
  });
});
