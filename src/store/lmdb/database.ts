import { type Database as LmdbTable, open, type RootDatabase } from 'lmdb';
import { ShuttingDownError, StoreOpenError, StoreWriteError } from '../../errors/index.ts';
import { systemClock } from '../../time/clock.ts';
import { settledWithin } from '../../time/settled-within.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { TaskChanges, TaskRecord } from '../state-store.ts';
import { decode, encode, type Key } from './codec.ts';
import { asOpenError, checkData, copyTo, markFolder, prepareFolder } from './folder.ts';
import { StoreLock } from './store-lock.ts';

export type Table = LmdbTable<Buffer, Key>;

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
  /** By token and id. */
  readonly #tasks: Table;
  /** By token, until when it is kept: one for each that was ever written. */
  readonly #lifetimes: Table;
  readonly #root: RootDatabase<Buffer, Key>;
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
    let root: RootDatabase<Buffer, Key> | null = null;
    try {
      checkData(path);
      root = openRoot(path, durability);
      this.#root = root;
      this.#checkFormat(path);
      const table = (name: string): Table => this.#root.openDB<Buffer, Key>(name, binary);
      this.entries = table('entries');
      this.chunks = table('chunks');
      this.heads = table('heads');
      this.#tasks = table('tasks');
      this.#lifetimes = table('lifetimes');
      markFolder(path);
    } catch (error) {
      const closed = Promise.resolve(root?.close()).then(() => this.#lock.release());
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
    const bytes = table.get(key);
    return bytes ? decode<T>(bytes, key, what) : null;
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

  /** Inside a write. */
  putTasks(key: TokenKey, { started, ended }: TaskChanges): void {
    for (const record of started) {
      const at = [key, record.id];
      this.#tasks.put(at, encode(record, at));
    }
    for (const id of ended) this.#tasks.remove([key, id]);
  }

  /** @throws {@link StoreCorruptedError} */
  allTasks(): Map<TokenKey, TaskRecord[]> {
    const tasks = new Map<TokenKey, TaskRecord[]>();
    for (const { key, value } of this.#tasks.getRange()) {
      const [token] = key as [TokenKey, string];
      const record = decode<TaskRecord>(value, key, 'the record of a task');
      const others = tasks.get(token);
      if (others) others.push(record);
      else tasks.set(token, [record]);
    }
    return tasks;
  }

  /** Whether something was ever stored of the token. */
  isKnown(key: TokenKey): boolean {
    return this.#lifetimes.doesExist(key);
  }

  /** The tokens of which something is stored. */
  knownKeys(): Iterable<TokenKey> {
    return this.#lifetimes.getKeys() as Iterable<TokenKey>;
  }

  /** Undefined if that is not known; if it is damaged, the token itself need not be. */
  keptUntil(key: TokenKey): number | undefined {
    try {
      return this.get<number>(this.#lifetimes, key, 'its time') ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Inside a write. */
  putKeptUntil(key: TokenKey, until: number): void {
    // For ever is no number that can be stored.
    this.#lifetimes.put(key, encode(Math.min(until, Number.MAX_SAFE_INTEGER), key));
  }

  /** Inside a write: the same for a token of which something is stored, if it is news. */
  prolong(key: TokenKey, until: number): void {
    if (this.isKnown(key) && this.keptUntil(key) !== until) this.putKeptUntil(key, until);
  }

  /** Inside a write: all that is stored of a token. */
  removeToken(key: TokenKey): void {
    for (const table of [this.entries, this.chunks, this.#tasks]) {
      for (const at of [...table.getKeys(rangeOf(key))]) table.remove(at);
    }
    this.heads.remove(key);
    this.#lifetimes.remove(key);
  }

  /** @throws {@link StoreBackupError} */
  backup(path: string): Promise<void> {
    return copyTo(path, this.#path, (folder) => this.#root.backup(folder, false));
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#stopSyncing();
    await this.#sync();
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

const binary = { encoding: 'binary' } as const;

function openRoot(path: string, durability: Durability): RootDatabase<Buffer, Key> {
  return open<Buffer, Key>({
    ...binary,
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

/** Every key that begins with the token. */
function rangeOf(key: TokenKey): { readonly start: Key; readonly end: Key } {
  return { start: [key], end: [`${key}\u0000`] };
}
