import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Position } from '../../../src/state/snapshot.ts';
import type {
  CatchUp,
  Commit,
  Entry,
  Lease,
  StateStore,
  TokenWatcher,
} from '../../../src/store/state-store.ts';
import type { StoredTask } from '../../../src/store/stored-task.ts';
import { Watchers } from '../../../src/store/watchers.ts';
import type { TokenKey } from '../../../src/tokens/token-key.ts';
import { settle } from '../../../src/values/settle.ts';

/** Before a lock that somebody has is asked for again. */
const pollMs = 10;

const extend =
  "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0";
const unlock = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0";

/**
 * What one writes first: a lock by `SET NX` that a watchdog extends, and a list that
 * the holder appends to. Nothing holds a holder back who has lost the lock.
 */
export class SetnxStore implements StateStore {
  readonly generation = 'setnx---';
  readonly durable = null;
  readonly available = true;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #leaseMs: number;
  readonly #watchers = new Map<string, Watchers>();

  constructor({ url, leaseMs }: { readonly url: string; readonly leaseMs: number }) {
    this.#leaseMs = leaseMs;
    const options = { maxRetriesPerRequest: null, retryStrategy: () => 50 };
    this.#redis = new Redis(url, options);
    this.#subscriber = new Redis(url, options);
    for (const client of [this.#redis, this.#subscriber]) client.on('error', () => {});
    this.#subscriber.on('message', (key: string) => this.#ring(key));
    // What was published while it was away is made up for.
    this.#subscriber.on('ready', () => {
      for (const key of this.#watchers.keys()) this.#ring(key);
    });
  }

  async open(): Promise<void> {}

  async acquire(key: TokenKey, known: Position): Promise<Lease> {
    const id = randomUUID();
    const lock = `lock:${key}`;
    while (!(await this.#redis.set(lock, id, 'PX', this.#leaseMs, 'NX'))) await sleep(pollMs);
    const watchdog = setInterval(() => {
      this.#redis.eval(extend, 1, lock, id, this.#leaseMs).catch(() => {});
    }, this.#leaseMs / 3);
    return {
      catchUp: await this.read(key, known),
      commit: (commit) => this.#commit(key, commit),
      release: async () => {
        clearInterval(watchdog);
        await this.#redis.eval(unlock, 1, lock, id);
      },
    };
  }

  async read(key: TokenKey, known: Position): Promise<CatchUp> {
    const rows = await this.#redis.lrange(`log:${key}`, known.version, -1);
    return { snapshot: null, entries: rows.map((row) => settle(JSON.parse(row), []) as Entry) };
  }

  watch(key: TokenKey, watcher: TokenWatcher): () => void {
    const watchers = this.#watchers.get(key) ?? new Watchers();
    this.#watchers.set(key, watchers);
    this.#subscriber.subscribe(key).catch(() => {});
    return watchers.add(watcher);
  }

  keep(): void {}

  async sweep(): Promise<void> {}

  async trackTasks(): Promise<void> {}

  async updateTask(): Promise<boolean> {
    return false;
  }

  async cancelTask(): Promise<boolean> {
    return false;
  }

  async listTasks(): Promise<readonly StoredTask[]> {
    return [];
  }

  async enter(): Promise<boolean> {
    return false;
  }

  async leave(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    this.#subscriber.disconnect();
  }

  async #commit(key: TokenKey, { entry }: Commit): Promise<void> {
    await this.#redis.rpush(`log:${key}`, JSON.stringify(entry));
    await this.#redis.publish(key, '');
  }

  #ring(key: string): void {
    this.#watchers.get(key)?.onCommit();
  }
}
