import type { TokenKey } from '../tokens/token-key.ts';
import type { StateReference, StateShape } from './definitions.ts';
import type { BoundEvent } from './event-reference.ts';

type Leaf = string | number | bigint | boolean | null | undefined | symbol | Date;

/** A value as it can be written inside a lock. */
export type Draft<T> = unknown extends T
  ? T
  : T extends Leaf
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? Map<K, Draft<V>>
      : T extends ReadonlySet<infer V>
        ? Set<Draft<V>>
        : { -readonly [K in keyof T]: Draft<T[K]> };

/** A value as it can be read outside a lock. */
export type DeepReadonly<T> = unknown extends T
  ? T
  : T extends Leaf
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<K, DeepReadonly<V>>
      : T extends ReadonlySet<infer V>
        ? ReadonlySet<DeepReadonly<V>>
        : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** The fields of a state as they are written inside a lock. Computed vars are read only. */
type DraftFields<Shape extends StateShape> = {
  -readonly [K in keyof Shape['vars']]: Draft<Shape['vars'][K]>;
} & { -readonly [K in keyof Shape['backend']]: Draft<Shape['backend'][K]> } & {
  readonly [K in keyof Shape['computed']]: DeepReadonly<Shape['computed'][K]>;
};

/** The fields of a state as they are read outside a lock. */
export type SnapshotFields<Shape extends StateShape> = {
  readonly [K in keyof Shape['vars']]: DeepReadonly<Shape['vars'][K]>;
} & { readonly [K in keyof Shape['backend']]: DeepReadonly<Shape['backend'][K]> } & {
  readonly [K in keyof Shape['computed']]: DeepReadonly<Shape['computed'][K]>;
};

/** The parent's draft, for a state that has a parent. */
type DraftParent<Shape extends StateShape> = Shape['parent'] extends StateShape
  ? { readonly parent: StateDraft<Shape['parent']> }
  : unknown;

/** The parent's snapshot, for a state that has a parent. */
type ViewParent<Shape extends StateShape> = Shape['parent'] extends StateShape
  ? { readonly parent: StateView<Shape['parent']> }
  : unknown;

interface Identity {
  /** The state's id in GraphQL. */
  readonly id: string;
  /** The token's commit that last changed this state visibly. */
  readonly version: number;
  /** The token's key: good for `app.modifyState`, useless to a client. */
  readonly token: TokenKey;
}

/** What a lock offers. */
export interface LockRoot {
  /** The token's key. */
  readonly token: TokenKey;
  /** Aborts when the lock is lost. */
  readonly signal: AbortSignal;
  /** Commits what was changed up to now, sends its diff, and keeps the lock. */
  flush(): Promise<void>;
  /** Drops what was changed and triggered since the last flush. Drafts read before must be read again. */
  rollback(): void;
  /** Runs an event, or starts a background event, after the next commit or flush. */
  trigger(event: BoundEvent): void;
  /** Another state of the same token, under the same lock. */
  getState<Shape extends StateShape>(state: StateReference<Shape>): Promise<StateDraft<Shape>>;
}

/** A state inside a lock: what events and `modifyState` get. */
export type StateDraft<Shape extends StateShape> = DraftFields<Shape> &
  DraftParent<Shape> &
  Identity &
  LockRoot & {
    /** Puts the named vars and backend vars back to their defaults; all of them if none is named. */
    reset(...names: Extract<keyof Shape['vars'] | keyof Shape['backend'], string>[]): void;
  };

/** A state inside the block form of a lock. */
export type StateBlock<Shape extends StateShape> = StateDraft<Shape> & AsyncDisposable;

/** A state outside a lock. */
export type StateView<Shape extends StateShape> = SnapshotFields<Shape> &
  ViewParent<Shape> &
  Identity;

/** A state as a computed var reads it: what it reads is what it depends on. */
export type ComputedSource<Shape extends StateShape> = SnapshotFields<Shape> &
  (Shape['parent'] extends StateShape
    ? { readonly parent: ComputedSource<Shape['parent']> }
    : unknown) & {
    /** Another state of the same token. */
    getState<Other extends StateShape>(
      state: StateReference<Other>,
    ): Promise<ComputedSource<Other>>;
  };

/** What a background event's handler gets: the state as of its start or its last lock, and the way into a lock. */
export type TaskSelf<Shape extends StateShape> = StateView<Shape> & {
  readonly taskId: string;
  /** What the option `taskContext` made of the request that triggered this. */
  readonly context: unknown;
  /**
   * Aborts when the task is cancelled or out of time: it can change nothing more then.
   * And when the server is about to stop: then it can, until `graceMs` are over.
   */
  readonly signal: AbortSignal;
  /**
   * Says how much of it is done, from 0 to 1, and what it is at, in up to 1,000
   * characters; without a message the last one stays. Clients see it as `Task.progress`
   * and `Task.message`, ten times a second at most, and the last at the end. Needs no lock.
   *
   * @throws TypeError for anything else; {@link TaskCancelledError} if it was cancelled.
   */
  report(progress: number, message?: string): void;
  /**
   * Takes the lock and runs the handler on a fresh draft: commits when it
   * returns, rolls back when it throws. Resolves to what the handler returned.
   */
  modifyState<Result>(
    handler: (state: StateDraft<Shape>) => Result | Promise<Result>,
  ): Promise<Result>;
  /** The block form: commits when the block ends, also by a throw, unless `rollback()` was called. */
  modify(): Promise<StateBlock<Shape>>;
  /** Runs an event, or starts a background event, at once. */
  trigger(event: BoundEvent): void;
  /**
   * Resolves after `ms` on the app's clock.
   *
   * @throws the reason of {@link signal} as soon as it aborts.
   */
  sleep(ms: number): Promise<void>;
  /** Another state of the same token, read-only. */
  getState<Other extends StateShape>(state: StateReference<Other>): Promise<StateView<Other>>;
};

/** What the handler of a durable event gets besides. */
export interface DurableSelf {
  /** Which attempt at the task this is, from 1. */
  readonly attempt: number;
  /**
   * What an earlier attempt has saved last with {@link checkpoint}, as it was stored, and
   * read-only; null if none has. It may be of an earlier version of the code.
   */
  readonly resumed: unknown;
  /**
   * Saves what the next attempt is to go on from, should this one not come to its end: a
   * value that a state could hold. Only inside a lock of this task: it is stored in that
   * commit, or rolled back with it, so that it says just what of the state is done.
   *
   * @throws TypeError outside of one; {@link ValueNotStorableError}.
   */
  checkpoint(value: unknown): void;
}

/** What an event's handler may return: references to what runs after the commit. */
// biome-ignore lint/suspicious/noConfusingVoidType: handlers that return nothing are the usual ones.
export type HandlerResult = void | null | undefined | false | BoundEvent | readonly BoundEvent[];

/** What a generator handler may yield: nothing, which flushes, or references. */
// biome-ignore lint/suspicious/noConfusingVoidType: the value of a bare yield.
type HandlerYield = void | undefined | false | BoundEvent | readonly BoundEvent[];

export type EventHandler<Shape extends StateShape, Args, Context> = (
  state: StateDraft<Shape>,
  args: Args,
  context: Context,
) =>
  | HandlerResult
  | Promise<HandlerResult>
  | Generator<HandlerYield, HandlerResult, unknown>
  | AsyncGenerator<HandlerYield, HandlerResult, unknown>;

/** Async: a task is not allowed to block its process. */
export type BackgroundHandler<Shape extends StateShape, Args, Durable = false> = (
  self: TaskSelf<Shape> & (Durable extends false ? unknown : DurableSelf),
  args: Args,
) => Promise<HandlerResult> | AsyncGenerator<HandlerYield, HandlerResult, unknown>;
