import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { StoreProcess } from '../../support/store-process/store-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const has = (program: string) => spawnSync('which', [program]).status === 0;

const text = 'x'.repeat(20_000);

/** How much a process may write into one file. Without a number, as much as it likes. */
function limitFileSize({ child }: StoreProcess, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]);
}

describe('a full disk', () => {
  // prlimit is of Linux; what it does to writes is what a full disk does.
  it.skipIf(!has('prlimit'))(
    'refuses commits with a typed error, changes nothing, and goes on when there is room',
    async () => {
      const path = temporaryFolder();
      const server = new StoreProcess({ path });
      await server.opened;
      const write = (token: string) => server.tell({ kind: 'write', token, text });
      await write('A');
      limitFileSize(server, 200_000);

      // Also many at once: all of a transaction, or nothing of it.
      const acknowledged = new Map<string, number>();
      let refused = 0;
      for (let round = 0; refused < 20; round += 1) {
        expect(round).toBeLessThan(50);
        const tokens = ['A', 'B', 'C', 'D', 'E'];
        for (const [index, answer] of (await Promise.all(tokens.map(write))).entries()) {
          if (answer.kind === 'written') acknowledged.set(tokens[index] ?? '', answer.n);
          else {
            expect(answer).toMatchObject({ code: 'STORE_WRITE_FAILED' });
            refused += 1;
          }
        }
      }
      for (const [token, n] of acknowledged) {
        expect(await server.tell({ kind: 'read', token })).toEqual({ kind: 'written', n });
      }

      limitFileSize(server, 'unlimited');
      for (const [token, n] of acknowledged) {
        expect(await write(token)).toEqual({ kind: 'written', n: n + 1 });
      }
      await server.kill();
      const next = new StoreProcess({ path });
      await next.opened;
      for (const [token, n] of acknowledged) {
        expect(await next.tell({ kind: 'read', token })).toEqual({ kind: 'written', n: n + 1 });
      }
    },
  );
});

describe('commits of several tokens at once', () => {
  it('share transactions, and with them the wait for the disk', async () => {
    const path = temporaryFolder();
    const server = new StoreProcess({ path });
    await server.opened;
    const tokens = Array.from({ length: 50 }, (_, index) => `T${index}`);
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(tokens.map((token) => server.tell({ kind: 'write', token, text: '' })));
    }
    await server.tell({ kind: 'close' });
    const db = open({ path, readOnly: true });
    const { lastTxnId } = (db as unknown as { env: { info(): { lastTxnId: number } } }).env.info();
    await db.close();
    expect(lastTxnId).toBeLessThan(250);
  });
});

describe('durability', () => {
  // Only the kernel's own account says whether somebody waits for the disk.
  it.skipIf(!has('strace')).each([
    ['sync', 20],
    ['async', 0],
  ] as const)('%s waits for the disk at each commit, or at none', async (durability, least) => {
    const path = temporaryFolder();
    const log = join(temporaryFolder(), 'strace.log');
    const server = new StoreProcess({ path, durability });
    await server.opened;
    const strace = spawn('strace', [
      ...['-f', '-p', String(server.child.pid), '-o', log],
      ...['-e', 'trace=fsync,fdatasync,msync'],
    ]);
    await once(strace.stderr, 'data'); // it says that it is attached
    for (let i = 0; i < 20; i += 1) await server.tell({ kind: 'write', token: 'A', text: '' });
    strace.kill('SIGINT');
    await once(strace, 'exit');
    const syncs = readFileSync(log, 'utf8').match(/f(data)?sync|msync/g)?.length ?? 0;
    // In async, one each second at most.
    expect(syncs).toBeGreaterThanOrEqual(least);
    if (durability === 'async') expect(syncs).toBeLessThan(10);
  });
});
