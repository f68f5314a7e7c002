import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { StoreOpenError } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { turn } from '../../../src/time/turn.ts';
import { StoreProcess } from '../../support/store-process/store-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { readAll, writeSome } from './some-states.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

async function refusalOf(path: string): Promise<string> {
  try {
    await lmdbStore({ path }).close();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreOpenError);
    return (error as Error).message;
  }
  throw new Error('Expected the store to be refused.');
}

describe('a folder', () => {
  it('is made, whatever its name, and says what it is', async () => {
    const path = join(temporaryFolder(), 'a', 'b.v1', 'c');
    await writeSome(path);
    expect(readdirSync(path)).toContain('statewire-store');
    expect(await readAll(path)).toEqual({ A: 20, B: 1, C: 300 });
  });

  it('that another process has open is refused, until that process is gone, however it went', async () => {
    const path = temporaryFolder();
    const other = new StoreProcess({ path });
    expect(await other.opened).toEqual({ kind: 'done' });
    expect(await refusalOf(path)).toContain('another process, or this one, has it open');
    expect(await other.tell({ kind: 'write', token: 'A', text: '' })).toMatchObject({ n: 1 });
    expect(await refusalOf(path)).toContain('another process, or this one, has it open');
    await other.kill();
    const third = new StoreProcess({ path });
    expect(await third.opened).toEqual({ kind: 'done' });
    expect(await third.tell({ kind: 'read', token: 'A' })).toMatchObject({ n: 1 });
    await third.tell({ kind: 'close' });
    await lmdbStore({ path }).close();
  });

  it('that another process writes all the time is no damaged one', async () => {
    const path = temporaryFolder();
    const other = new StoreProcess({ path, durability: 'async' });
    await other.opened;
    let isOver = false;
    const text = 'x'.repeat(3_000);
    const writers = ['A', 'B', 'C', 'D'].map(async (token) => {
      while (!isOver) await other.tell({ kind: 'write', token, text });
    });
    for (let i = 0; i < 100; i += 1) {
      expect(await refusalOf(path)).toContain('another process, or this one, has it open');
      await turn();
    }
    isOver = true;
    await Promise.all(writers);
  });

  it('that this process has open already is refused, and stays as it is', async () => {
    const path = temporaryFolder();
    const store = lmdbStore({ path });
    expect(await refusalOf(path)).toContain('another process, or this one, has it open');
    await store.close();
    await lmdbStore({ path }).close();
  });

  it('that several processes open at the same moment has one of them', async () => {
    const path = temporaryFolder();
    const all = Array.from({ length: 4 }, () => new StoreProcess({ path }));
    const answers = await Promise.all(all.map(({ opened }) => opened));
    expect(answers.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.kind === 'refused') expect(answer.code).toBe('STORE_OPEN_FAILED');
    }
  });

  // Making a namespace, and a small disk, is for root.
  it.skipIf(!isRoot)(
    'that a process in another container has open is refused, also if both have the same id',
    async () => {
      const path = temporaryFolder();
      const inContainer = ['unshare', '--pid', '--fork', '--kill-child'];
      const other = new StoreProcess({ path }, inContainer);
      expect(await other.opened).toEqual({ kind: 'done' });
      const startedAt = Date.now();
      const answer = await new StoreProcess({ path }, inContainer).opened;
      expect(answer).toHaveProperty(
        'message',
        expect.stringContaining('another process, or this one, has it open'),
      );
      // LMDB would wait ten seconds for the lock of the other process of this id.
      expect(Date.now() - startedAt).toBeLessThan(5_000);
    },
  );

  it.skipIf(!isRoot)('on a full disk is refused, and ends no process', async () => {
    const disk = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    onTestFinished(() => void execFileSync('umount', [disk]));
    const path = join(disk, 'store');
    for (const freePages of [0, 1, 2, 4, 8, 30, 100]) {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(2 ** 20 - (freePages + 2) * 4_096));
      const server = new StoreProcess({ path });
      const answer = await server.opened;
      expect(['done', 'refused']).toContain(answer.kind);
      if (answer.kind === 'refused') expect(answer.code).toBe('STORE_OPEN_FAILED');
      await server.kill();
      rmSync(path, { recursive: true, force: true });
      rmSync(join(disk, 'filler'));
    }
    const server = new StoreProcess({ path });
    expect(await server.opened).toEqual({ kind: 'done' });
    await server.kill();
  });

  it.each(['one that may not be written', 'a file', 'below a file'])(
    'that cannot be one, %s, is refused',
    async (what) => {
      const folder = temporaryFolder();
      const file = join(folder, 'file');
      writeFileSync(file, '');
      if (what === 'a file') expect(await refusalOf(file)).toContain('it is not a folder');
      else if (what === 'below a file') {
        expect(await refusalOf(join(file, 'store'))).toContain('it is not a folder');
      } else {
        chmodSync(folder, 0o500);
        const path = join(folder, 'store');
        const answer = await new StoreProcess({ path, ...(isRoot ? { uid: nobody } : {}) }).opened;
        expect(answer).toMatchObject({ code: 'STORE_OPEN_FAILED' });
        expect(answer).toHaveProperty('message', expect.stringContaining('may not read and write'));
      }
    },
  );

  it('that holds something else is refused, and left as it is', async () => {
    const path = temporaryFolder();
    const other = open({ path, encoding: 'json' });
    await other.put('key', 'value');
    await other.close();
    expect(await refusalOf(path)).toContain('it holds something else');
    const again = open({ path, encoding: 'json' });
    expect(again.get('key')).toBe('value');
    await again.close();
  });

  it('of a newer version is refused, and left as it is', async () => {
    const path = temporaryFolder();
    await writeSome(path);
    const newer = open({ path, encoding: 'binary' });
    await newer.put('format', Buffer.from('2'));
    await newer.close();
    expect(await refusalOf(path)).toContain('it is of format 2');
  });
});

describe('a data file', () => {
  it('that is gone, empty or truncated is refused, never taken for a new one', async () => {
    const path = temporaryFolder();
    await writeSome(path);
    const data = readFileSync(join(path, 'data.mdb'));
    for (const bytes of [0, 100, 4_096, 8_192, 20_000, data.length >> 1]) {
      truncateSync(join(path, 'data.mdb'), bytes);
      expect(await refusalOf(path)).toMatch(/gone|damaged/);
      writeFileSync(join(path, 'data.mdb'), data);
    }
    rmSync(join(path, 'data.mdb'));
    expect(await refusalOf(path)).toContain('its data is gone');
    writeFileSync(join(path, 'data.mdb'), data);
    expect(await readAll(path)).toEqual({ A: 20, B: 1, C: 300 });
  });

  it.each([0, 1])('whose header %i is garbage is refused', async (page) => {
    const path = temporaryFolder();
    await writeSome(path);
    const data = readFileSync(join(path, 'data.mdb'));
    data.fill(7, page * 4_096, page * 4_096 + 200);
    writeFileSync(join(path, 'data.mdb'), data);
    expect(await refusalOf(path)).toContain('its header is damaged');
  });

  it('with garbage in any page is refused, or says so of the tokens that are damaged; what it says else is right', async () => {
    const whole = temporaryFolder();
    await writeSome(whole);
    const data = readFileSync(join(whole, 'data.mdb'));
    const outcomes = new Set<string>();
    for (let page = 2; page < data.length / 4_096; page += 1) {
      const path = temporaryFolder();
      cpSync(whole, path, { recursive: true });
      const damaged = Buffer.from(data);
      // All of it, or a few bytes of what it holds.
      if (page % 2 === 0) damaged.fill(page, page * 4_096, (page + 1) * 4_096);
      else for (let at = 2_000; at < 4_000; at += 100) damaged[page * 4_096 + at] = page;
      writeFileSync(join(path, 'data.mdb'), damaged);
      outcomes.add(await outcomeOf(path));
    }
    expect([...outcomes].sort()).toEqual(['STORE_CORRUPTED', 'STORE_OPEN_FAILED', 'right']);
  });
});

/** @throws if what the store says is wrong. */
async function outcomeOf(path: string): Promise<string> {
  try {
    const read = await readAll(path);
    const codes = Object.values(read).filter((value) => typeof value === 'string');
    for (const [token, n] of Object.entries({ A: 20, B: 1, C: 300 })) {
      expect([n, 'STORE_CORRUPTED']).toContain(read[token]);
    }
    return codes.length > 0 ? 'STORE_CORRUPTED' : 'right';
  } catch (error) {
    if (error instanceof StoreOpenError) return error.code;
    throw error;
  }
}
