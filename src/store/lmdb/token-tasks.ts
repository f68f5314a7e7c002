import { Mutex } from 'async-mutex';
import { StoreCorruptedError } from '../../errors/index.ts';
import type { Clock } from '../../time/clock.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { DurableTask } from '../durable-tasks.ts';
import type { Commit } from '../state-store.ts';
import type { StoredTask, TaskChanges, TaskMemory, TaskRecord } from '../stored-task.ts';
import {
  assertMayCommit,
  assertMayTrack,
  type FindTask,
  isEmpty,
  mayUpdate,
  nextAttemptOf,
  oldestFirst,
} from '../task-rules.ts';
import { encode } from './codec.ts';
import type { Database } from './database.ts';
import { addingEndedTasks, type Ended, endedTasksOf } from './ended-tasks.ts';
import { named, recordsOf } from './keys.ts';

/** The tasks of a token on the disk. One change after the other: each sees what those before it have written. */
export class TokenTasks {
  readonly #key: TokenKey;
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #turn = new Mutex();

  constructor(key: TokenKey, db: Database, clock: Clock) {
    this.#key = key;
    this.#db = db;
    this.#clock = clock;
  }

  get isChanging(): boolean {
    return this.#turn.isLocked();
  }

  /** Does what nothing of this may change meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn.runExclusive(work);
  }

  /**
   * Writes what `put` puts, together with what the commit says of tasks.
   *
   * @throws {@link SupersededError}
   * @throws {@link TaskLostError}
   * @throws {@link TaskCancelledError}
   * @throws {@link StoreWriteError}
   */
  async commit(commit: Pick<Commit, 'tasks' | 'task' | 'attempt'>, put: () => void): Promise<void> {
    const { tasks, task } = commit;
    if (task === null && isEmpty(tasks)) return this.#db.write(put);
    await this.alone(async () => {
      assertMayCommit(this.#find, commit);
      await this.#write(tasks, put);
    });
  }

  /**
   * @throws {@link SupersededError}
   * @throws {@link TaskCancelledError}
   * @throws {@link StoreWriteError}
   */
  async track(changes: TaskChanges): Promise<void> {
    await this.alone(async () => {
      assertMayTrack(this.#find, changes);
      await this.#write(changes, () => {});
    });
  }

  /** Says whether it is on record, and not cancelled, and no other attempt's. @throws {@link StoreWriteError} */
  async update(record: TaskRecord): Promise<boolean> {
    return this.alone(async () => {
      if (!mayUpdate(this.#find(record.id), record)) return false;
      await this.#db.write(() => this.#put(record));
      return true;
    });
  }

  /** Says whether it is on record. @throws {@link StoreWriteError} */
  async cancel(id: string): Promise<boolean> {
    return this.alone(async () => {
      const task = this.#find(id);
      if (task?.cancelledAt !== null) return task !== undefined;
      const at = named(this.#key, id);
      const mark = encode(this.#clock.now(), at);
      await this.#db.write(() => this.#db.cancelled.put(at, mark));
      return true;
    });
  }

  /** A durable task; null if none of this id is on record. @throws {@link StoreCorruptedError} */
  durable(id: string): DurableTask | null {
    const task = this.#find(id);
    if (!task?.record.durable) return null;
    const at = named(this.#key, id);
    const memory = this.#db.get<TaskMemory>(this.#db.memories, at, 'the memory of a task');
    if (!memory) throw new StoreCorruptedError('the memory of a task is missing');
    return { task, memory };
  }

  /**
   * The same, as its next attempt, which is on record then.
   *
   * @throws {@link StoreCorruptedError}
   * @throws {@link StoreWriteError}
   */
  async claim(id: string): Promise<DurableTask | null> {
    return this.alone(async () => {
      const found = this.durable(id);
      if (!found) return null;
      const task = nextAttemptOf(found.task);
      await this.#db.write(() => this.#put(task.record));
      return { ...found, task };
    });
  }

  /** @throws {@link StoreCorruptedError} */
  list(): StoredTask[] {
    const db = this.#db;
    const onRecord = db.range(db.tasks, recordsOf(this.#key)).map((stored) => db.taskOf(stored));
    return oldestFirst([...endedTasksOf(db, this.#key, this.#clock.now()), ...onRecord]);
  }

  readonly #find: FindTask = (id) => this.#db.taskAt(named(this.#key, id));

  async #write({ started, ended, saved = [] }: TaskChanges, put: () => void): Promise<void> {
    const db = this.#db;
    const tasks = this.#endingOf({ started, ended });
    const addEnded = addingEndedTasks(db, this.#key, { tasks, now: this.#clock.now() });
    await db.write(() => {
      put();
      for (const record of started) this.#put(record);
      for (const memory of saved) this.#putMemory(memory);
      for (const { record } of tasks) {
        const at = named(this.#key, record.id);
        for (const table of [db.tasks, db.memories, db.cancelled]) table.remove(at);
      }
      addEnded();
    });
  }

  /** Those that have not ended already. */
  #endingOf({ started, ended }: TaskChanges): Ended[] {
    const starting = new Set(started.map(({ id }) => id));
    return ended.flatMap((task) => {
      const { id } = task.record;
      const onRecord = this.#find(id);
      if (!onRecord && !starting.has(id)) return [];
      return [{ ...task, cancelledAt: onRecord?.cancelledAt ?? null }];
    });
  }

  /** Inside a write. */
  #put(record: TaskRecord): void {
    const at = named(this.#key, record.id);
    this.#db.tasks.put(at, encode(record, at));
  }

  /** Inside a write. */
  #putMemory(memory: TaskMemory): void {
    const at = named(this.#key, memory.id);
    this.#db.memories.put(at, encode(memory, at));
  }
}
