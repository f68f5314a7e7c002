import { Mutex } from 'async-mutex';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { Database } from './database.ts';
import { TokenLog } from './token-log.ts';

/** A token in use: who has its lease, who watches it, and what is stored of it. */
export class OpenToken {
  readonly key: TokenKey;
  readonly lease = new Mutex();
  readonly watchers = new Set<() => void>();
  readonly #db: Database;
  #log: TokenLog | null = null;
  #deletion: Promise<void> | null = null;

  constructor(key: TokenKey, db: Database) {
    this.key = key;
    this.#db = db;
  }

  /** Read when it is first needed. @throws {@link StoreCorruptedError} */
  get log(): TokenLog {
    this.#log ??= new TokenLog(this.key, this.#db);
    return this.#log;
  }

  get isUnused(): boolean {
    return this.watchers.size === 0 && !this.lease.isLocked() && !this.#log?.isCompacting;
  }

  ring(): void {
    for (const onCommit of this.watchers) onCommit();
  }

  /** The deletion that is under way: until it has ended, {@link log} is not to be read. */
  get deletion(): Promise<void> | null {
    return this.#deletion;
  }

  /** Deletes what is stored: who still uses it goes on with a token that was never written. */
  delete(): Promise<void> {
    this.#deletion = this.#delete().finally(() => {
      this.#deletion = null;
      this.#log = null;
    });
    return this.#deletion;
  }

  async #delete(): Promise<void> {
    await this.abandon();
    await this.#db.write(() => this.#db.removeToken(this.key));
  }

  /** What is stored stays as it is; a snapshot that is being written is given up. */
  async abandon(): Promise<void> {
    const log = this.#log;
    this.#log = null;
    await log?.abandon();
  }
}
