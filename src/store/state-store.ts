import type { Position, TokenSnapshot } from '../state/snapshot.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import type { Operation } from '../values/operation.ts';

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

/** The right to commit to one token. Nobody else has it until it is released or lost. */
export interface Lease {
  readonly catchUp: CatchUp;
  /**
   * Stores the entry and rings every watcher. When it resolves, the commit is
   * acknowledged; `after` is the state it leads to, at hand for a snapshot.
   *
   * @throws {@link LockExpiredError} if the lease is no longer held; nothing was written.
   * @throws {@link ConflictError} if the entry does not follow the newest one; nothing was written.
   */
  commit(entry: Entry, after: TokenSnapshot): Promise<void>;
  /** Passes the lease to the next waiter. Safe to call twice. */
  release(): Promise<void>;
}

/**
 * Where states are kept: lock, log and notification in one port, because they
 * must be one atomic step.
 *
 * A token that was never written is at version 0 with an empty id, and has no entries.
 */
export interface StateStore {
  /** Waits for the lease of a token, first come, first served; the answer brings the copy at `known` up to date. */
  acquire(key: TokenKey, known: Position): Promise<Lease>;
  /** Brings the copy at `known` up to date without a lease. */
  read(key: TokenKey, known: Position): Promise<CatchUp>;
  /** Calls `onCommit` after each commit to the token until the returned function is called. A doorbell: read what is new. */
  watch(key: TokenKey, onCommit: () => void): () => void;
  /** Ends all use of the store. */
  close(): Promise<void>;
}
