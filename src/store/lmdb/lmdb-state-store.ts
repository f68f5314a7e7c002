import { ConflictError } from '../../errors/index.ts';
import type { Position } from '../../state/snapshot.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { turn } from '../../time/turn.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type {
  CatchUp,
  Commit,
  Lease,
  StateStore,
  TaskChanges,
  TaskRecord,
} from '../state-store.ts';
import { TokenLifetimes } from '../token-lifetimes.ts';
import { Database, type Durability } from './database.ts';
import { OpenToken } from './open-token.ts';
import type { TokenLog } from './token-log.ts';

/** States in a folder of this machine, for one process at a time. */
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
 */
export function lmdbStore({ path, durability = 'sync' }: LmdbStoreOptions): LmdbStore {
  return new LmdbStateStore(new Database(path, durability), systemClock);
}

/** How many tokens are looked at, or written, in one turn of the event loop. */
const tokensPerTurn = 1_000;

class LmdbStateStore implements LmdbStore {
  readonly #db: Database;
  readonly #lifetimes: TokenLifetimes;
  /** Those that somebody watches, or has or wants the lease of. */
  readonly #tokens = new Map<TokenKey, OpenToken>();
  #lostTasks: ReadonlyMap<TokenKey, readonly TaskRecord[]>;
  #closing: Promise<void> | null = null;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#lifetimes = new TokenLifetimes(clock);
    this.#lostTasks = db.allTasks();
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
      await this.#forgetIfOver(token);
      return new LmdbLease(token.log, token.log.catchUp(known), {
        keptUntil: () => this.#lifetimes.storedUntil(key),
        onCommit: () => token.ring(),
        release,
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  async read(key: TokenKey, known: Position): Promise<CatchUp> {
    this.#db.assertOpen();
    const token = this.#open(key);
    try {
      await this.#expire(token);
      return token.log.catchUp(known);
    } finally {
      this.#closeIfUnused(token);
    }
  }

  watch(key: TokenKey, onCommit: () => void): () => void {
    const token = this.#open(key);
    token.watchers.add(onCommit);
    return () => {
      token.watchers.delete(onCommit);
      this.#closeIfUnused(token);
    };
  }

  async keep(keys: Iterable<TokenKey>, ttlMs: number): Promise<void> {
    this.#lifetimes.keep(keys, ttlMs);
    if (this.#closing || !this.#lifetimes.isSweepDue(ttlMs)) return;
    await this.#writeLifetimes();
    await this.#sweep();
  }

  async trackTasks(key: TokenKey, tasks: TaskChanges): Promise<void> {
    this.#db.assertOpen();
    await this.#db.write(() => this.#db.putTasks(key, tasks));
  }

  async takeLostTasks(): Promise<ReadonlyMap<TokenKey, readonly TaskRecord[]>> {
    const taken = this.#lostTasks;
    this.#lostTasks = new Map();
    return taken;
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
    await this.#writeLifetimes().catch(() => {});
    for (const token of this.#tokens.values()) await token.settled();
    await this.#db.close();
  }

  #open(key: TokenKey): OpenToken {
    let token = this.#tokens.get(key);
    if (!token) {
      token = new OpenToken(key, this.#db);
      this.#tokens.set(key, token);
    }
    return token;
  }

  #closeIfUnused(token: OpenToken): void {
    if (token.isUnused) this.#tokens.delete(token.key);
  }

  /** Deletes a token whose time is over, unless somebody has its lease. */
  async #expire(token: OpenToken): Promise<void> {
    if (token.lease.isLocked() || !this.#isOver(token.key)) return;
    await token.lease.runExclusive(() => this.#forgetIfOver(token));
  }

  /** The same under its lease. */
  async #forgetIfOver(token: OpenToken): Promise<void> {
    if (!this.#isOver(token.key)) return;
    await token.delete();
    this.#lifetimes.forget(token.key);
  }

  #isOver(key: TokenKey): boolean {
    return this.#lifetimes.isOver(key, this.#db.keptUntil(key)) && !this.#db.hasTasks(key);
  }

  async #writeLifetimes(): Promise<void> {
    const kept = [...this.#lifetimes.kept].filter((key) => this.#db.isKnown(key));
    for (let start = 0; start < kept.length; start += tokensPerTurn) {
      await this.#db.write(() => {
        for (const key of kept.slice(start, start + tokensPerTurn)) {
          this.#db.putKeptUntil(key, this.#lifetimes.storedUntil(key));
        }
      });
      await turn();
    }
  }

  async #sweep(): Promise<void> {
    for (const token of this.#tokens.values()) this.#closeIfUnused(token);
    let looked = 0;
    for (const key of this.#db.knownKeys()) {
      if (this.#isOver(key)) {
        const token = this.#open(key);
        await this.#expire(token);
        this.#closeIfUnused(token);
      }
      looked += 1;
      if (looked % tokensPerTurn === 0) await turn();
      if (this.#closing) return;
    }
  }
}

interface LeaseHost {
  /** For the first commit of a token. */
  readonly keptUntil: () => number;
  readonly release: () => void;
  readonly onCommit: () => void;
}

class LmdbLease implements Lease {
  readonly catchUp: CatchUp;
  readonly #log: TokenLog;
  readonly #host: LeaseHost;
  #isReleased = false;
  #committing: Promise<void> = Promise.resolve();

  constructor(log: TokenLog, missing: CatchUp, host: LeaseHost) {
    this.#log = log;
    this.catchUp = missing;
    this.#host = host;
  }

  async commit(commit: Commit): Promise<void> {
    if (this.#isReleased) throw new ConflictError();
    const committing = this.#log.append(commit, this.#host.keptUntil());
    this.#committing = committing.catch(() => {});
    await committing;
    this.#host.onCommit();
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#committing;
    this.#host.release();
  }
}
