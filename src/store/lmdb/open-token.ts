import { Mutex } from 'async-mutex';
import type { Clock } from '../../time/clock.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { Watchers } from '../watchers.ts';
import type { Database } from './database.ts';
import { TokenLog } from './token-log.ts';
import { TokenTasks } from './token-tasks.ts';

/** A token in use: who has its lease, who watches it, and what is stored of it. */
export class OpenToken {
  readonly key: TokenKey;
  readonly lease = new Mutex();
  readonly watchers = new Watchers();
  readonly tasks: TokenTasks;
  readonly #db: Database;
  #log: TokenLog | null = null;
  #deletion: Promise<boolean> | null = null;

  constructor(key: TokenKey, db: Database, clock: Clock) {
    this.key = key;
    this.#db = db;
    this.tasks = new TokenTasks(key, db, clock);
  }

  /** Read when it is first needed. @throws {@link StoreCorruptedError} */
  get log(): TokenLog {
    this.#log ??= new TokenLog(this.key, this.#db, this.tasks);
    return this.#log;
  }

  get isUnused(): boolean {
    const isAsked = this.lease.isLocked() || this.tasks.isChanging;
    return this.watchers.size === 0 && !isAsked && !this.#log?.isCompacting;
  }

  /** The deletion that is under way: until it has ended, {@link log} is not to be read. */
  get deletion(): Promise<unknown> | null {
    return this.#deletion;
  }

  /**
   * Deletes what is stored: who still uses it goes on with a token that was never written.
   * Says whether it did: not if a durable task has begun meanwhile.
   */
  delete(): Promise<boolean> {
    this.#deletion = this.#delete().finally(() => {
      this.#deletion = null;
      this.#log = null;
    });
    return this.#deletion;
  }

  async #delete(): Promise<boolean> {
    await this.abandon();
    return this.tasks.alone(async () => {
      if (this.#db.hasDurableTask(this.key)) return false;
      await this.#db.write(() => this.#db.removeToken(this.key));
      return true;
    });
  }

  /** What is stored stays as it is; a snapshot that is being written is given up. */
  async abandon(): Promise<void> {
    const log = this.#log;
    this.#log = null;
    await log?.abandon();
  }
}
