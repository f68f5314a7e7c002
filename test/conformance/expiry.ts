import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';

const idleTtlMs = 300;
const limits = { idleTtlMs };

const increment = 'mutation ($token: ID!) { cellIncrement(token: $token) { version state { n } } }';
const read = 'query ($token: ID!) { cell(token: $token) { n version } }';
const watch = `subscription ($token: ID!, $since: String) {
  cell(token: $token, since: $since) { version reset cursor state { n } }
}`;
const T = { token: 'T' };

export function expiryTests(createStore: StoreFactory): void {
  describe('tokens', () => {
    it('that nobody uses expire, each by itself: their state is fresh, and their cursors get a reset (31)', async () => {
      const { app, client } = await startLab(createStore, defineCell, { limits });
      const subscription = client.subscribe(watch, T);
      await client.run(increment, T);
      const [, { cursor }] = await subscription.take(2);
      await subscription.close();
      await sleep(idleTtlMs / 2);
      await client.run(increment, { token: 'other' });
      await sleep((idleTtlMs * 3) / 4);

      expect(await client.run(read, T)).toEqual({ n: 0, version: 0 });
      expect(await client.run(read, { token: 'other' })).toEqual({ n: 1, version: 1 });
      const resumed = client.subscribe(watch, { ...T, since: cursor });
      expect(await resumed.next()).toMatchObject({ version: 0, reset: true, state: { n: 0 } });
      // A new life begins at its first commit.
      expect(await client.run(increment, T)).toEqual({ version: 1, state: { n: 1 } });
      expect(await resumed.next()).toMatchObject({ version: 1, reset: false, state: { n: 1 } });
      await resumed.close();
      await sleep(idleTtlMs * 1.5);
      expect([...app.tokens()]).toEqual([]);
    });

    it('that are touched before their time is over are kept, also by who only reads (31)', async () => {
      const { client } = await startLab(createStore, defineCell, { limits });
      await client.run(increment, T);
      for (let n = 2; n < 6; n += 1) {
        await sleep(idleTtlMs * 0.6);
        expect(await client.run(read, T)).toMatchObject({ n: n - 1 });
        await sleep(idleTtlMs * 0.6);
        expect(await client.run(increment, T)).toMatchObject({ state: { n } });
      }
    });

    it('are kept while a lock is held, a task runs, or somebody watches, and for their time after it (31)', async () => {
      const { client } = await startLab(
        createStore,
        (builder) => {
          const Cell = defineCell(builder);
          Cell.event('hold').resolve(async (s) => {
            s.n += 1;
            await sleep(idleTtlMs * 1.5);
          });
          Cell.background('work').resolve(async (self) => {
            await self.modifyState((s) => {
              s.n += 1;
            });
            await sleep(idleTtlMs * 1.5);
          });
        },
        { limits },
      );
      await client.run('mutation { cellHold(token: "hold") { version } }');
      await client.run('mutation { cellWork(token: "work") { id } }');
      const subscription = client.subscribe(watch, { token: 'watch' });
      await client.run(increment, { token: 'watch' });
      await sleep(idleTtlMs * 1.5);
      await subscription.close();
      await sleep(idleTtlMs * 0.5);
      // `hold` was let go before that, and its time is over by now.
      const states = ['work', 'watch', 'hold'].map((token) => client.run(read, { token }));
      expect((await Promise.all(states)).map(({ n }) => n)).toEqual([1, 1, 0]);
    });

    it('never expire if their time has no end', async () => {
      const { client } = await startLab(createStore, defineCell, {
        limits: { idleTtlMs: Number.POSITIVE_INFINITY },
      });
      await client.run(increment, T);
      expect(await client.run(increment, T)).toMatchObject({ state: { n: 2 } });
    });
  });
}
