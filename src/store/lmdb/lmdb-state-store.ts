import { StoreWriteError } from '../../errors/index.ts';
import { emptySnapshot, type Position } from '../../state/snapshot.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { turn } from '../../time/turn.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { DurableQueue, type TaskPlace } from '../durable-queue.ts';
import type { DurableTask } from '../durable-tasks.ts';
import { GuardedLease } from '../guarded-lease.ts';
import { newGeneration } from '../new-generation.ts';
import { PresenceCount } from '../presence-count.ts';
import type { CatchUp, Lease, StateStore, StoreHost, TokenWatcher } from '../state-store.ts';
import type { StoredTask, TaskChanges, TaskRecord } from '../stored-task.ts';
import { isChange, oldestFirst } from '../task-rules.ts';
import { TokenLifetimes } from '../token-lifetimes.ts';
import { Database, type Durability } from './database.ts';
import { sweepEndedTasks } from './ended-tasks.ts';
import { asOpenError } from './folder.ts';
import { OpenToken } from './open-token.ts';

/** States in a folder of this machine, for one process, and one app in it, at a time. */
export interface LmdbStore extends StateStore {
  /**
   * Copies the whole store into another folder, as it was at one moment, while it
   * is in use. The copy is a store like any other.
   *
   * @throws {@link StoreBackupError} if there is something in that folder, or it cannot be written.
   */
  backup(path: string): Promise<void>;
}

export interface LmdbStoreOptions {
  /** The store's folder. */
  readonly path: string;
  /**
   * When a commit is acknowledged. `'sync'`: when the disk has it, so that it
   * survives a power cut. `'async'`: when the operating system has it, so that it
   * survives the end of the process, however sudden, but a power cut can damage the
   * store. Default: `'sync'`.
   */
  readonly durability?: Durability;
}

/**
 * Opens the store in a folder, which is made if it is not there.
 *
 * @throws {@link StoreOpenError} if another process has it open, if it is damaged
 * or of a newer version, or if it cannot be read and written.
 * @throws TypeError for options that make no sense.
 */
export function lmdbStore({ path, durability = 'sync' }: LmdbStoreOptions): LmdbStore {
  assertOptions(path, durability);
  const db = new Database(path, durability);
  try {
    return new LmdbStateStore(db, systemClock);
  } catch (error) {
    void db.close();
    throw asOpenError(path, error);
  }
}

function assertOptions(path: unknown, durability: unknown): void {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(`Expected path to be the path of a folder, got ${JSON.stringify(path)}.`);
  }
  if (durability !== 'sync' && durability !== 'async') {
    throw new TypeError(
      `Expected durability to be 'sync' or 'async', got ${JSON.stringify(durability)}.`,
    );
  }
}

/** How many tokens are looked at, or written, in one turn of the event loop. */
const tokensPerTurn = 1_000;

class LmdbStateStore implements LmdbStore {
  readonly generation = newGeneration();
  readonly available = true;
  readonly durable: DurableQueue;
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #lifetimes: TokenLifetimes;
  readonly #presence = new PresenceCount();
  /** Those that somebody watches, or has or wants the lease of. */
  readonly #tokens = new Map<TokenKey, OpenToken>();
  /** Those with lost tasks that nobody has looked at yet: they are kept until then, however long this was. */
  readonly #lost: Set<TokenKey>;
  #lostTasks = new Map<TokenKey, readonly StoredTask[]>();
  #sweeping: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#lifetimes = new TokenLifetimes(clock);
    const found: TaskPlace[] = [];
    for (const [key, tasks] of db.allTasks()) {
      const lost = tasks.filter(({ record }) => !record.durable);
      if (lost.length > 0) this.#lostTasks.set(key, lost);
      for (const { record } of oldestFirst(tasks)) {
        if (record.durable) found.push({ key, id: record.id });
      }
    }
    this.#lost = new Set(this.#lostTasks.keys());
    this.durable = new DurableQueue({
      found,
      clock,
      read: (key, id) => this.#readDurable(key, id),
      claim: (key, id) => this.#claimDurable(key, id),
    });
  }

  async acquire(key: TokenKey, known: Position): Promise<Lease> {
    this.#db.assertOpen();
    const token = this.#open(key);
    const leave = await token.lease.acquire();
    const release = () => {
      leave();
      this.#closeIfUnused(token);
    };
    try {
      this.#db.assertOpen();
      await this.#forgetIfOver(token);
      const { log } = token;
      return new GuardedLease(log.catchUp(known), {
        commit: async (commit) => {
          await log.append(commit, this.#lifetimes.storedUntil(key));
          token.watchers.onCommit();
          if (isChange(commit.tasks)) token.watchers.onTasks();
        },
        release,
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  async read(key: TokenKey, known: Position): Promise<CatchUp> {
    return this.#with(key, async (token) => {
      let isGone = await this.#expire(token);
      // One may have begun since it was looked for.
      while (token.deletion) isGone = await this.#expire(token);
      this.#db.assertOpen();
      this.#lost.delete(key);
      return isGone ? nothing(known) : token.log.catchUp(known);
    });
  }

  watch(key: TokenKey, watcher: TokenWatcher): () => void {
    const token = this.#open(key);
    const unwatch = token.watchers.add(watcher);
    return () => {
      unwatch();
      this.#closeIfUnused(token);
    };
  }

  keep(keys: Iterable<TokenKey>, ttlMs: number): void {
    this.#lifetimes.keep(keys, ttlMs);
  }

  sweep(): Promise<void> {
    if (this.#closing) return Promise.resolve();
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  async #sweep(): Promise<void> {
    for (const token of this.#tokens.values()) this.#closeIfUnused(token);
    for (const key of this.#lifetimes.keys) {
      if (!this.#db.isKnown(key) && this.#lifetimes.isOver(key)) this.#lifetimes.forget(key);
    }
    // Room is made before it is needed; and one token, or a full disk, stops nothing else.
    const failures = await this.#expireAll();
    const fail = (error: unknown) => void failures.push(error);
    await sweepEndedTasks(this.#db, this.#clock.now()).catch(fail);
    await this.#writeLifetimes().catch(fail);
    if (failures.length > 0) {
      throw new AggregateError(failures, `${failures.length} failures, the first: ${failures[0]}`);
    }
  }

  async trackTasks(key: TokenKey, changes: TaskChanges): Promise<void> {
    await this.#with(key, async ({ tasks, watchers }) => {
      await tasks.track(changes);
      if (isChange(changes)) watchers.onTasks();
    });
  }

  async updateTask(key: TokenKey, task: TaskRecord): Promise<boolean> {
    return this.#with(key, async ({ tasks, watchers }) => {
      if (!(await tasks.update(task))) return false;
      watchers.onTasks();
      return true;
    });
  }

  async cancelTask(key: TokenKey, taskId: string): Promise<boolean> {
    return this.#with(key, async ({ tasks, watchers }) => {
      if (!(await tasks.cancel(taskId))) return false;
      watchers.onTasks();
      watchers.onCancel(taskId);
      return true;
    });
  }

  async open({ onInherit }: StoreHost): Promise<void> {
    for (const [key, tasks] of this.#lostTasks) onInherit(key, { tasks, watched: [] });
    this.#lostTasks.clear();
  }

  async listTasks(key: TokenKey): Promise<readonly StoredTask[]> {
    return this.#with(key, async ({ tasks }) => tasks.list());
  }

  async enter(key: TokenKey, state: string): Promise<boolean> {
    return this.#presence.enter(key, state);
  }

  async leave(key: TokenKey, state: string): Promise<boolean> {
    return this.#presence.leave(key, state);
  }

  async backup(path: string): Promise<void> {
    this.#db.assertOpen();
    await this.#db.backup(path);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.durable.pause();
    await this.#sweeping?.catch(() => {});
    await this.#writeLifetimes().catch(() => {});
    for (const token of this.#tokens.values()) await token.abandon();
    await this.#db.close();
  }

  #readDurable(key: TokenKey, id: string): Promise<DurableTask | null> {
    return this.#with(key, async ({ tasks }) => tasks.durable(id));
  }

  #claimDurable(key: TokenKey, id: string): Promise<DurableTask | null> {
    return this.#with(key, async ({ tasks, watchers }) => {
      const claimed = await tasks.claim(id);
      if (claimed) watchers.onTasks();
      return claimed;
    });
  }

  #open(key: TokenKey): OpenToken {
    let token = this.#tokens.get(key);
    if (!token) {
      token = new OpenToken(key, this.#db, this.#clock);
      this.#tokens.set(key, token);
    }
    return token;
  }

  /** Does something with a token that is in use at least for so long. */
  async #with<T>(key: TokenKey, work: (token: OpenToken) => Promise<T>): Promise<T> {
    this.#db.assertOpen();
    const token = this.#open(key);
    try {
      return await work(token);
    } finally {
      this.#closeIfUnused(token);
    }
  }

  #closeIfUnused(token: OpenToken): void {
    if (token.isUnused && this.#tokens.get(token.key) === token) this.#tokens.delete(token.key);
  }

  /**
   * Deletes a token whose time is over, unless somebody has its lease. Says whether
   * it counts as deleted: also if the disk refuses, for the next to try again.
   */
  async #expire(token: OpenToken): Promise<boolean> {
    await token.deletion?.catch(() => {});
    if (token.lease.isLocked() || !this.#isOver(token.key)) return false;
    try {
      await token.lease.runExclusive(() => this.#forgetIfOver(token));
      return false;
    } catch (error) {
      if (error instanceof StoreWriteError) return true;
      throw error;
    }
  }

  /** The same under its lease. */
  async #forgetIfOver(token: OpenToken): Promise<void> {
    const { key } = token;
    if (!this.#isOver(key)) return;
    if (!(await token.delete())) return;
    this.#lifetimes.forget(key);
    token.watchers.onCommit();
    token.watchers.onTasks();
  }

  #isOver(key: TokenKey): boolean {
    if (this.#lost.has(key)) return false;
    const isOver = this.#lifetimes.isOver(key, () => this.#db.keptUntil(key));
    return isOver && !this.#db.hasDurableTask(key);
  }

  async #writeLifetimes(): Promise<void> {
    const kept = [...this.#lifetimes.keys];
    for (let start = 0; start < kept.length; start += tokensPerTurn) {
      await this.#db.write(() => {
        for (const key of kept.slice(start, start + tokensPerTurn)) {
          // What is being deleted must not be there again after it.
          if (this.#tokens.get(key)?.deletion) continue;
          this.#db.prolong(key, this.#lifetimes.storedUntil(key));
        }
      });
      await turn();
    }
  }

  /**
   * Deletes every token whose time is over; returns what went wrong. Looked at in
   * lots: what is read from stays in the file until it is read.
   */
  async #expireAll(): Promise<unknown[]> {
    const failures: unknown[] = [];
    let last: TokenKey | null = null;
    do {
      const tokens = this.#db.knownTokens(last, tokensPerTurn);
      const over = tokens.filter((key) => this.#isOver(key)).map((key) => this.#open(key));
      // At once: they share transactions.
      const deleted = over.map((token) =>
        token.lease.isLocked() ? null : token.lease.runExclusive(() => this.#forgetIfOver(token)),
      );
      for (const result of await Promise.allSettled(deleted)) {
        if (result.status === 'rejected') failures.push(result.reason);
      }
      for (const token of over) this.#closeIfUnused(token);
      await turn();
      last = tokens.at(-1) ?? null;
    } while (last !== null && !this.#closing);
    return failures;
  }
}

/** What a copy of a token that was never written is missing. */
function nothing(known: Position): CatchUp {
  return { snapshot: known.version === 0 ? null : emptySnapshot, entries: [] };
}
