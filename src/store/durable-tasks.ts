import type { TokenKey } from '../tokens/token-key.ts';
import type { StoredTask, TaskMemory } from './stored-task.ts';

/** A durable task on record, with what it runs with. */
export interface DurableTask {
  /** {@link TaskRecord.attempt} is its latest attempt. */
  readonly task: StoredTask;
  readonly memory: TaskMemory;
}

/** The app that runs durable tasks. */
export interface DurableHost {
  /**
   * Makes an attempt at a task. Resolves as soon as this process has nothing more to do
   * with it: to in how many ms it is to be tried again, or to null if it has ended, or
   * is another attempt's. Never rejects.
   */
  run(key: TokenKey, id: string): Promise<number | null>;
  /**
   * There is a task on record that nobody has handed over, as far as is known: whoever
   * triggered it may be gone. May be told again and again of the same.
   */
  onFound(key: TokenKey, id: string): void;
}

/**
 * Tasks that outlive their process: each is on record from the commit that triggers it
 * until its end is stored, and is run by some process, again if that does not end it.
 * It may be run twice at once; but what is stored is its latest attempt's alone.
 */
export interface DurableTasks {
  /** To be called once the store is open. From then on tasks are run here, if they are to be, and found. */
  start(host: DurableHost): Promise<void>;
  /** To be called when a task on record may run now; it is then run once, some time, by some process. Idempotent until it has ended. */
  handOver(key: TokenKey, id: string): Promise<void>;
  /** Takes back what was handed over. Says whether nobody runs it: then nobody will until it is handed over again. */
  withdraw(key: TokenKey, id: string): Promise<boolean>;
  /** What is known of a task; null if it is not on record. */
  read(key: TokenKey, id: string): Promise<DurableTask | null>;
  /**
   * Begins the next attempt: from here on nothing of older ones is stored, see
   * {@link SupersededError}. Null if the task is not on record.
   */
  claim(key: TokenKey, id: string): Promise<DurableTask | null>;
  /** Takes nothing new. What runs is still to be settled, see {@link DurableHost.run}. */
  pause(): Promise<void>;
}
