import { type Database as LmdbTable, open, type RootDatabase } from 'lmdb';
import {
  ShuttingDownError,
  StoreCorruptedError,
  StoreOpenError,
  StoreWriteError,
} from '../../errors/index.ts';
import { systemClock } from '../../time/clock.ts';
import { settledWithin } from '../../time/settled-within.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { StoredTask, TaskRecord } from '../stored-task.ts';
import { decode, encode } from './codec.ts';
import { asOpenError, checkData, copyTo, markFolder, prepareFolder } from './folder.ts';
import { type Key, named, recordsOf, tokenOf, tokenRecord } from './keys.ts';
import { StoreLock } from './store-lock.ts';

export type Table = LmdbTable<Buffer, Key>;

/** From a key on, and before another. */
interface Range {
  readonly start: Key;
  readonly end: Key;
}

/** A record as it is read. */
export interface Stored {
  readonly key: Key;
  readonly value: Buffer;
}

/**
 * When a commit is acknowledged. `sync`: when the disk has it, so that it survives
 * a power cut. `async`: when the operating system has it, so that it survives the
 * end of the process, however sudden.
 */
export type Durability = 'sync' | 'async';

/** What this code writes. A store of a later one is refused. */
const format = 1;

/** In `async`, how long, in ms, the disk may be behind. */
const syncEveryMs = 1_000;

/** How long, in ms, closing waits for writes; one that the disk refuses may never end. */
const closeMs = 5_000;

/** The tables of a store, and how they are written: all of a write, or nothing of it. */
export class Database {
  /** By token and version. */
  readonly entries: Table;
  /** By token, version and number: pieces of snapshots. */
  readonly chunks: Table;
  /** By token: which of the chunks are its snapshot. */
  readonly heads: Table;
  /** By token and id: what is known of the tasks on record. */
  readonly tasks: Table;
  /** By token and id: what the durable tasks on record run with. */
  readonly memories: Table;
  /** By token and id: when a task on record was cancelled, if it was. */
  readonly cancelled: Table;
  /** By token, two times and id: tasks that have ended, see `ended-tasks.ts`. */
  readonly ended: Table;
  /** By token, until when it is kept: one for each that was ever written. */
  readonly #lifetimes: Table;
  /** Those of which a task's record is damaged. */
  readonly damagedTokens = new Set<TokenKey>();
  readonly #backups = new Set<Promise<void>>();
  readonly #root: RootDatabase<Buffer, string>;
  readonly #path: string;
  readonly #lock: StoreLock;
  readonly #stopSyncing: () => void;
  #isUnsynced = false;
  #isOpen = true;

  /** @throws {@link StoreOpenError} */
  constructor(path: string, durability: Durability) {
    this.#path = path;
    prepareFolder(path);
    this.#lock = lockStore(path);
    let root: RootDatabase<Buffer, string> | null = null;
    try {
      checkData(path);
      root = openRoot(path, durability);
      this.#root = root;
      this.#checkFormat(path);
      const table = (name: string): Table => this.#root.openDB<Buffer, Key>(name, binary);
      this.entries = table('entries');
      this.chunks = table('chunks');
      this.heads = table('heads');
      this.tasks = table('tasks');
      this.memories = table('memories');
      this.cancelled = table('cancelled');
      this.ended = table('ended');
      this.#lifetimes = table('lifetimes');
      markFolder(path);
    } catch (error) {
      // At once, if it can be: whoever mends the folder may do so in the same breath.
      const closed = root ? root.close().then(() => this.#lock.release()) : this.#lock.release();
      closed.catch(() => {}); // the first failure is the one to tell
      throw asOpenError(path, error);
    }
    this.#stopSyncing =
      durability === 'async' ? systemClock.every(syncEveryMs, () => this.#sync()) : () => {};
  }

  /** @throws {@link ShuttingDownError} */
  assertOpen(): void {
    if (!this.#isOpen) throw new ShuttingDownError();
  }

  /** @throws {@link StoreCorruptedError} */
  get<T>(table: Table, key: Key, what: string): T | null {
    const bytes = readFrom(() => table.get(key));
    return bytes ? decode<T>(bytes, key, what) : null;
  }

  /**
   * The records in a range, in order; `end` is not in it.
   *
   * @throws {@link StoreCorruptedError}
   */
  range(table: Table, range: Range): Stored[] {
    return readFrom(() => [...table.getRange(range)]);
  }

  /** @throws {@link StoreCorruptedError} */
  keys(table: Table, range: Range & { readonly limit?: number }): Key[] {
    return readFrom(() => [...table.getKeys(range)]);
  }

  /**
   * Writes what `put` puts and removes, at once or not at all. Writes of the same
   * moment share a transaction, and its wait for the disk.
   *
   * @throws {@link StoreWriteError}
   */
  async write(put: () => void): Promise<void> {
    this.assertOpen();
    try {
      await this.#root.batch(put);
      this.#isUnsynced = true;
    } catch (cause) {
      // The same failure once more; nobody else listens to it.
      (cause as { commitError?: Promise<unknown> }).commitError?.catch(() => {});
      throw new StoreWriteError({ cause });
    }
  }

  /** Whether there is a record at the key. @throws {@link StoreCorruptedError} */
  has(table: Table, key: Key): boolean {
    return readFrom(() => table.doesExist(key));
  }

  /** The tasks on record, by token. One that is damaged is its token's affair, see {@link damagedTokens}. */
  allTasks(): Map<TokenKey, StoredTask[]> {
    const tasks = new Map<TokenKey, StoredTask[]>();
    for (const stored of readFrom(() => [...this.tasks.getRange()])) {
      const token = tokenOf(stored.key);
      try {
        const task = this.taskOf(stored);
        const others = tasks.get(token);
        if (others) others.push(task);
        else tasks.set(token, [task]);
      } catch {
        this.damagedTokens.add(token);
      }
    }
    return tasks;
  }

  /**
   * Whether a durable task of the token is on record. Said of none if one is damaged: such a
   * token can do nothing, and goes in its time.
   */
  hasDurableTask(token: TokenKey): boolean {
    try {
      const tasks = this.range(this.tasks, recordsOf(token)).map((stored) => this.taskOf(stored));
      return tasks.some(({ record }) => record.durable);
    } catch {
      return false;
    }
  }

  /** What is on record at the key. @throws {@link StoreCorruptedError} */
  taskAt(key: Key): StoredTask | undefined {
    const value = readFrom(() => this.tasks.get(key));
    return value && this.taskOf({ key, value });
  }

  /** A task on record. @throws {@link StoreCorruptedError} */
  taskOf({ key, value }: Stored): StoredTask {
    const record = decode<TaskRecord>(value, key, 'the record of a task');
    return { record, cancelledAt: this.cancelledAt(key), ending: null };
  }

  /** When a task was cancelled. @throws {@link StoreCorruptedError} */
  cancelledAt(task: Key): number | null {
    return this.get<number>(this.cancelled, task, 'when a task was cancelled');
  }

  /** Whether something was ever stored of the token. */
  isKnown(token: TokenKey): boolean {
    return this.has(this.#lifetimes, tokenRecord(token));
  }

  /** So many of the tokens of which something is stored, in order, after another. */
  knownTokens(after: TokenKey | null, limit: number): TokenKey[] {
    const start = after === null ? undefined : named(after, '\u0000');
    return readFrom(() => [...this.#lifetimes.getKeys({ start, limit })].map(tokenOf));
  }

  /** Undefined if that is not known; if it is damaged, the token itself need not be. */
  keptUntil(token: TokenKey): number | undefined {
    try {
      return this.get<number>(this.#lifetimes, tokenRecord(token), 'its time') ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Inside a write. */
  putKeptUntil(token: TokenKey, until: number): void {
    const key = tokenRecord(token);
    this.#lifetimes.put(key, encode(storable(until), key));
  }

  /** Inside a write: the same for a token of which something is stored, if it is news. */
  prolong(token: TokenKey, until: number): void {
    if (this.isKnown(token) && this.keptUntil(token) !== storable(until)) {
      this.putKeptUntil(token, until);
    }
  }

  /** Inside a write: all that is stored of a token, but its tasks that have ended. */
  removeToken(token: TokenKey): void {
    for (const table of [this.entries, this.chunks, this.tasks, this.memories, this.cancelled]) {
      for (const key of this.keys(table, recordsOf(token))) table.remove(key);
    }
    this.heads.remove(tokenRecord(token));
    this.#lifetimes.remove(tokenRecord(token));
  }

  /** @throws {@link StoreBackupError} */
  backup(path: string): Promise<void> {
    const backup = copyTo(path, this.#path, (folder) => this.#root.backup(folder, false));
    const forget = () => void this.#backups.delete(backup);
    this.#backups.add(backup);
    backup.then(forget, forget);
    return backup;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#stopSyncing();
    await this.#sync();
    // It reads from memory that closing takes away.
    await Promise.allSettled(this.#backups);
    await settledWithin(this.#root.close(), { clock: systemClock, ms: closeMs });
    await this.#lock.release();
  }

  /** @throws {@link StoreOpenError} for a store of a later version, or one that is none of ours. */
  #checkFormat(path: string): void {
    const stored = this.#root.get('format');
    const isNew = !stored && this.#root.getKeysCount({ limit: 1 }) === 0;
    if (isNew) {
      this.#root.putSync('format', Buffer.from(String(format)));
      return;
    }
    if (!stored) throw new StoreOpenError(path, 'it holds something else');
    const found = Number(stored.toString());
    if (found !== format) {
      throw new StoreOpenError(
        path,
        `it is of format ${found}, and this version of statewire reads format ${format}`,
      );
    }
  }

  async #sync(): Promise<void> {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    // The package has it, its types do not.
    const root = this.#root as unknown as { sync(done: () => void): void };
    await new Promise<void>((done) => root.sync(done));
  }
}

const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;

function openRoot(path: string, durability: Durability): RootDatabase<Buffer, string> {
  return open<Buffer, string>({
    encoding: 'binary',
    path,
    noSubdir: false,
    // With these two, a write that the disk refused is not in the store, and its promise is the only one that rejects.
    overlappingSync: false,
    eventTurnBatching: false,
    noSync: durability === 'async',
  });
}

function lockStore(path: string): StoreLock {
  try {
    return new StoreLock(path);
  } catch (error) {
    throw asOpenError(path, error);
  }
}

/** For ever is no number that can be stored. */
function storable(until: number): number {
  return Math.min(until, Number.MAX_SAFE_INTEGER);
}

/** What LMDB finds wrong while it reads is damage. */
function readFrom<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new StoreCorruptedError('it cannot be read', { cause });
  }
}
