import type { Logger } from '../logging/logger.ts';
import type { Position, TokenSnapshot } from '../state/snapshot.ts';
import type { MaybePromise } from '../time/at-once.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import type { Operation } from '../values/operation.ts';
import type { DurableTasks } from './durable-tasks.ts';
import type { StoredTask, TaskChanges, TaskRecord } from './stored-task.ts';

/** One commit, as it is stored. */
export interface Entry extends Position {
  /** The id of the entry that this one follows. */
  readonly previousId: string;
  /** From the states before to the states after, see {@link TokenSnapshot.states}. */
  readonly operations: readonly Operation[];
  /** For each state that changed visibly, the vars that did; their state's version is this entry's. */
  readonly changed: Readonly<Record<string, readonly string[]>>;
}

/** What a copy of a token's state is missing. */
export interface CatchUp {
  /** Set if the entries do not reach back to the copy's position: start from here instead. */
  readonly snapshot: TokenSnapshot | null;
  /** In order, without a hole, up to the newest. */
  readonly entries: readonly Entry[];
}

/** What is stored at once, or not at all. */
export interface Commit {
  readonly entry: Entry;
  /** The states that the entry leads to, at hand for a snapshot. */
  readonly after: TokenSnapshot;
  /** Of the same token. One that ends must be on record as this process's. */
  readonly tasks: TaskChanges;
  /** The task that commits, if one does: it must be on record as this process's. */
  readonly task: string | null;
  /** Set if that task is durable: it must be its latest attempt. */
  readonly attempt?: number;
  /** The lease is released after it: nothing more will be committed under it. */
  readonly isLast: boolean;
}

/** The right to commit to one token. Nobody else has it until it is released or lost. */
export interface Lease {
  readonly catchUp: CatchUp;
  /**
   * Stores the commit and rings every watcher. When it returns, or resolves, the commit
   * is acknowledged.
   *
   * @throws {@link ConflictError} if the entry does not follow the newest one,
   * {@link LeaseLostError} if the lease is no longer held, {@link TaskLostError} if a
   * task is not on record, {@link TaskCancelledError} if it was cancelled and this is not
   * its end as that, {@link SupersededError} if a durable task is not on record, or this is
   * not its latest attempt, {@link StoreWriteError} if there is no room for it: nothing was written.
   * @throws {@link StoreOutcomeError} if it cannot be known whether it was written.
   * Tasks that begin with it are then lost, if it was.
   */
  commit(commit: Commit): MaybePromise<void>;
  /** Passes the lease to the next waiter, after a commit that is under way. Safe to call twice. */
  release(): MaybePromise<void>;
}

/** What a process that is gone has left of a token. */
interface Inheritance {
  /** Tasks that are lost, or were cancelled before. */
  readonly tasks: readonly StoredTask[];
  /** States that it had subscribers of: the heir has entered them in its place, see {@link StateStore.enter}. */
  readonly watched: readonly string[];
}

/** Who watches a token. What it is told is a doorbell: it may be told for nothing, and reads what is new. */
export interface TokenWatcher {
  /** After each commit. */
  onCommit(): void;
  /** After what {@link StateStore.listTasks} answers has changed. */
  onTasks(): void;
  /** A task was cancelled. Every watcher of every process is told. */
  onCancel(taskId: string): void;
}

/** The app that uses a store. */
export interface StoreHost {
  readonly logger: Logger;
  /** A process is gone, or did not learn that its tasks were on record, and this app sees to what it has left. */
  onInherit(key: TokenKey, left: Inheritance): void;
  /** This process was taken for gone: the tasks that it had until now are lost, and others see to their end. */
  onDisowned(): void;
}

/**
 * Where states are kept; make one with `memoryStore`, `lmdbStore` or `redisStore`, its
 * methods are for the engine. Lock, log and notification in one port, because they
 * must be one atomic step.
 *
 * A token that was never written is at version 0 with an empty id, and has no
 * entries. So is one that has expired: nobody kept it for longer than its time.
 */
export interface StateStore {
  /**
   * Another one, of 8 characters, each time that history may have been put back: a
   * restart, a restored backup. A cursor of another generation is good only if its
   * entry is still there.
   */
  readonly generation: string;
  /** Whether it can be asked now. */
  readonly available: boolean;
  /** Tasks that outlive their process; null if this store does not. */
  readonly durable: DurableTasks | null;
  /**
   * To be called once by each app, before it takes anything up. What is left by
   * processes that are known to be gone has been told of when it resolves: to one
   * app, the first, once in the life of a process.
   *
   * @throws {@link StoreOpenError} if the store cannot be used as it is,
   * {@link StoreUnavailableError} if it does not answer.
   */
  open(host: StoreHost): Promise<void>;
  /**
   * Waits for the lease of a token, first come, first served; the answer brings the
   * copy at `known` up to date. `onLost` is called if the lease is lost before it is
   * released. At once, without a promise, if it is free and nothing has to be asked for.
   */
  acquire(key: TokenKey, known: Position, onLost: () => void): MaybePromise<Lease>;
  /** Brings the copy at `known` up to date without a lease. */
  read(key: TokenKey, known: Position): Promise<CatchUp>;
  /** Tells the watcher of what happens to the token until the returned function is called. */
  watch(key: TokenKey, watcher: TokenWatcher): () => void;
  /** Keeps these tokens for `ttlMs` from now. Cheap enough to be called at each use. */
  keep(keys: Iterable<TokenKey>, ttlMs: number): void;
  /**
   * Deletes the tokens whose time is over, but none whose lease is held. To be
   * called now and then, after {@link keep} for all that is in use. One that nobody
   * has deleted yet counts as never written all the same.
   */
  sweep(): Promise<void>;
  /**
   * Records tasks that begin or end outside a commit.
   *
   * @throws {@link SupersededError} if a durable task ends, or saves something, of which
   * this is not the latest attempt.
   * @throws {@link TaskLostError} if this process was taken for gone meanwhile, or a
   * task that ends is another's by now; {@link TaskCancelledError} if one that ends was
   * cancelled, and its outcome is another: nothing is done then. {@link StoreOutcomeError}
   * if it cannot be known whether they are on record: those that are will be told of as
   * lost, see {@link StoreHost.onInherit}.
   */
  trackTasks(key: TokenKey, tasks: TaskChanges): Promise<void>;
  /**
   * Replaces what is known of a task on record as this process's, or as this attempt's.
   * Says whether it did: not if it is another's, or cancelled.
   */
  updateTask(key: TokenKey, task: TaskRecord): Promise<boolean>;
  /**
   * Cancels a task of whatever process: when it resolves, nothing more can be stored for
   * it but its end as cancelled. Says whether there is one whose end is not stored.
   */
  cancelTask(key: TokenKey, taskId: string): Promise<boolean>;
  /**
   * The tasks of a token: those on record, of every process, and the latest of those
   * that have ended, see {@link EndedTask.listedMs} and {@link maxEndedTasks}. The
   * latter do not go with their token when it expires.
   */
  listTasks(key: TokenKey): Promise<readonly StoredTask[]>;
  /** This app has subscribers of a state from now on; says whether no app of any process had. */
  enter(key: TokenKey, state: string): Promise<boolean>;
  /** It has none any more; says whether none has. */
  leave(key: TokenKey, state: string): Promise<boolean>;
  /** Ends all use of the store. */
  close(): Promise<void>;
}
