import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StateStore, TokenKey } from 'statewire';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  emptySnapshot,
  type Position,
  positionOf,
  type TokenSnapshot,
} from '../../src/state/snapshot.ts';
import { hashToken } from '../../src/tokens/token-key.ts';
import { defineCell } from '../support/cell.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';

/** A copy of a token that is kept by hand, as a node keeps one. */
class Copy {
  snapshot: TokenSnapshot = emptySnapshot;
  readonly #store: StateStore;
  readonly #key: TokenKey;

  constructor(store: StateStore, key: TokenKey) {
    this.#store = store;
    this.#key = key;
  }

  get position(): Position {
    return positionOf(this.snapshot);
  }

  /** What the state says, after so many commits, each of which counts up. */
  get n(): unknown {
    return this.snapshot.states['Cell']?.values['n'];
  }

  async commit(): Promise<void> {
    const lease = await this.#store.acquire(this.#key, this.position, () => {});
    this.#take(lease.catchUp);
    const version = this.position.version + 1;
    const id = randomUUID();
    const position = { version, id, firstId: this.position.firstId || id };
    const state = { version, loaded: false, values: { n: version }, computed: {} };
    const operations = [['set', ['Cell'], state]] as const;
    const entry = {
      ...position,
      previousId: this.position.id,
      operations,
      changed: { Cell: ['n'] },
    };
    const after = { ...position, states: { Cell: state } };
    await lease.commit({
      entry,
      after,
      tasks: { started: [], ended: [] },
      task: null,
      isLast: false,
    });
    this.snapshot = after;
    await lease.release();
  }

  async read(): Promise<void> {
    this.#take(await this.#store.read(this.#key, this.position));
  }

  #take({ snapshot, entries }: Awaited<ReturnType<StateStore['read']>>): void {
    if (snapshot) this.snapshot = snapshot;
    for (const { version, id, firstId, operations } of entries) {
      const [[, , state] = []] = operations;
      this.snapshot = { version, id, firstId, states: { Cell: state as never } };
    }
  }
}

const key = hashToken('T');

async function open(createStore: StoreFactory): Promise<StateStore> {
  const store = await createStore();
  onTestFinished(() => store.close());
  return store;
}

/** Lets the token expire. */
async function expire(store: StateStore): Promise<void> {
  store.keep([key], 1);
  // What is asked for after it is answered after it: its time runs.
  await store.read(hashToken('another'), emptySnapshot);
  await sleep(10);
}

export function storePortTests(createStore: StoreFactory): void {
  describe('a store', () => {
    it('brings every copy up to date, whatever life of the token it is from', async () => {
      const store = await open(createStore);
      const old = new Copy(store, key);
      const older = new Copy(store, key);
      await older.commit();
      await old.read();
      for (let i = 0; i < 4; i += 1) await old.commit();
      await expire(store);
      const fresh = new Copy(store, key);
      await fresh.read();
      store.keep([key], 10_000);
      for (let i = 0; i < 2; i += 1) await fresh.commit();
      for (const copy of [old, older]) {
        await copy.read();
        expect([copy.n, copy.position]).toEqual([fresh.n, fresh.position]);
        await copy.commit();
        await fresh.read();
        expect(copy.position).toEqual(fresh.position);
      }
    });

    it('keeps what is kept while another token is deleted, and forgets what it deletes', async () => {
      const store = await open(createStore);
      for (let round = 0; round < 20; round += 1) {
        const copy = new Copy(store, key);
        store.keep([key], 10_000);
        await copy.commit();
        await expire(store);
        const reading = new Copy(store, key).read();
        for (let turn = 0; turn < round; turn += 1) await null;
        store.keep([hashToken('other')], 1);
        await store.sweep();
        await reading;
        const fresh = new Copy(store, key);
        await fresh.read();
        expect(fresh.position).toEqual(positionOf(emptySnapshot));
      }
    });

    it('has one lease at a time, also if somebody stops watching twice', async () => {
      const store = await open(createStore);
      const unwatch = store.watch(key, { onCommit() {}, onTasks() {}, onCancel() {} });
      const lease = await store.acquire(key, emptySnapshot, () => {});
      unwatch();
      unwatch();
      let isSecond = false;
      const second = Promise.resolve(store.acquire(key, emptySnapshot, () => {})).then(
        (granted) => {
          isSecond = true;
          return granted;
        },
      );
      await sleep(5);
      expect(isSecond).toBe(false);
      await lease.release();
      await (await second).release();
    });

    it('passes a lease on after the commit that is under way', async () => {
      const store = await open(createStore);
      const lease = await store.acquire(key, emptySnapshot, () => {});
      const position = { version: 1, id: randomUUID(), firstId: '' };
      const committing = lease.commit({
        entry: { ...position, firstId: position.id, previousId: '', operations: [], changed: {} },
        after: { ...position, firstId: position.id, states: {} },
        tasks: { started: [], ended: [] },
        task: null,
        isLast: true,
      });
      const released = lease.release();
      const next = await store.acquire(key, emptySnapshot, () => {});
      expect(next.catchUp.entries.map(({ id }) => id)).toEqual([position.id]);
      await Promise.all([committing, released, next.release()]);
      await expect((async () => lease.commit({} as never))()).rejects.toThrow();
    });

    it('tells who watches a token that it is gone: subscribers get a reset', async () => {
      const store = await open(createStore);
      const { client } = await startLab(() => store, defineCell);
      const watch = 'subscription { cell(token: "T") { version reset state { n } } }';
      const subscription = client.subscribe(watch);
      await client.run('mutation { cellIncrement(token: "T") { version } }');
      await subscription.take(2);
      await expire(store);
      await store.sweep();
      const gone = { version: 0, reset: true, state: { n: 0 } };
      expect(await subscription.next()).toEqual(gone);
      await client.run('mutation { cellIncrement(token: "T") { version } }');
      expect(await subscription.next()).toEqual({ version: 1, reset: false, state: { n: 1 } });
    });

    it('keeps what is in use when the clock jumps', async () => {
      const { client } = await startLab(createStore, defineCell);
      const watch = 'subscription { cell(token: "T") { state { n } } }';
      const subscription = client.subscribe(watch);
      await client.run('mutation { cellIncrement(token: "T") { version } }');
      await subscription.take(2);
      onTestFinished(() => {
        vi.useRealTimers();
      });
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 3_600_000 });
      await client.run('{ cell(token: "other") { n } }');
      expect(await client.run('{ cell(token: "T") { n } }')).toEqual({ n: 1 });
      await client.run('mutation { cellIncrement(token: "T") { version } }');
      expect(await subscription.next()).toEqual({ state: { n: 2 } });
    });

    it('that keeps everything for ever does so with what was kept for a time', async () => {
      const store = await open(createStore);
      await new Copy(store, key).commit();
      store.keep([key], 50);
      store.keep([key], Number.POSITIVE_INFINITY);
      await sleep(60);
      const copy = new Copy(store, key);
      await copy.read();
      expect(copy.n).toBe(1);
    });
  });
}
