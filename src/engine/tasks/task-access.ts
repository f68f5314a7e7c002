import { SupersededError, TaskCancelledError, TaskLostError } from '../../errors/index.ts';
import type { StateDefinition, StateReference } from '../../state/definitions.ts';
import type { TokenSnapshot } from '../../state/snapshot.ts';
import { type Few, forEachOf, withItem, withoutItem } from '../../store/few.ts';
import { andThen, type MaybePromise } from '../../time/at-once.ts';
import { turn } from '../../time/turn.ts';
import { acquireLock } from '../acquire-lock.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { Fence } from '../fence.ts';
import { holdLocks } from '../hold-lock.ts';
import { openBlock } from '../lock-block.ts';
import { assertNotNested, noteResult } from '../lock-context.ts';
import { openState } from '../state-draft.ts';
import { createStateView, type ViewedToken } from '../state-view.ts';
import { habitOf } from '../synchronous.ts';
import type { LockRequest, TokenLock } from '../token-lock.ts';
import type { TokenRoom } from '../token-room.ts';

/** The task that reads and writes. */
interface AccessingTask {
  readonly id: string;
  /** Set if it is durable. */
  readonly attempt: number | undefined;
  /** Who asks for locks, for messages. */
  readonly label: string;
  /** Aborts when it may do nothing more. */
  readonly fence: Fence;
  readonly plan: LockRequest['plan'];
  /** @throws {@link TaskEndedError} */
  assertUnderWay(): void;
  /** The store says that it was cancelled, or is another's. */
  onCancelled(): void;
  onLost(): void;
  /** A later attempt runs, or has ended it. */
  onSuperseded(): void;
}

/** A task's way to the state: the snapshot of its start or its last lock, and locks. */
export class TaskAccess {
  readonly #options: EngineOptions;
  readonly #room: TokenRoom;
  readonly #task: AccessingTask;
  /** Those that its handler has not left; some may be lost. */
  #locks: Few<TokenLock> = null;
  #snapshot: TokenSnapshot;

  constructor(options: EngineOptions, room: TokenRoom, task: AccessingTask) {
    this.#options = options;
    this.#room = room;
    this.#task = task;
    this.#snapshot = room.snapshot;
  }

  /** The same as a list. */
  get locks(): readonly TokenLock[] {
    const locks: TokenLock[] = [];
    forEachOf(this.#locks, (lock) => locks.push(lock));
    return locks;
  }

  /** The one that it holds, if it does. */
  get heldLock(): TokenLock | undefined {
    return this.locks.find((lock) => lock.held);
  }

  /** Makes the newest snapshot its own. */
  begin(): void {
    this.#snapshot = this.#room.snapshot;
  }

  /** Takes its locks away. */
  expire(reason: () => Error): void {
    forEachOf(this.#locks, (lock) => lock.expire(reason));
  }

  async modifyState(state: StateDefinition, handler: (draft: object) => unknown): Promise<unknown> {
    const acquired = this.#acquire();
    // Most are had at once, and need no promise for that.
    const lock = acquired instanceof Promise ? await acquired : acquired;
    const habit = habitOf(handler);
    const run = (draft: object) => noteResult(handler(draft), habit);
    try {
      const done = holdLocks([lock], () => andThen(openState(lock, state), run), habit);
      return done instanceof Promise ? await done : done;
    } finally {
      this.#left(lock);
    }
  }

  /** The block form; `site` says where it was asked for. */
  async modify(state: StateDefinition, site: string | undefined): Promise<object> {
    const lock = await this.#acquire(site);
    const { logger } = this.#options;
    return openBlock(lock, state, { logger, onEnd: () => this.#left(lock) });
  }

  async getState({ definition }: StateReference): Promise<object> {
    await this.#room.load(definition);
    return this.view(definition);
  }

  /** A state as the task reads it, with more members if wanted. */
  view(definition: StateDefinition, members?: (name: string | symbol) => unknown): object {
    const token: ViewedToken = {
      key: this.#room.key,
      stateOf: (state) => this.#room.requireState(this.#snapshot, state),
    };
    return createStateView(token, definition, members);
  }

  #acquire(site?: string): MaybePromise<TokenLock> {
    const { label, fence } = this.#task;
    assertNotNested(this.#room.key, label);
    // A handler that takes no error for an answer must not keep the process from all else.
    if (fence.aborted) return turn().then(() => this.#ask(site));
    this.#task.assertUnderWay();
    const lock = this.#ask(site);
    return lock instanceof Promise ? lock.then((it) => this.#enter(it)) : this.#enter(lock);
  }

  #ask(site: string | undefined): MaybePromise<TokenLock> {
    const { label, fence, plan } = this.#task;
    const request = { label, site, signal: fence, plan, task: this.#task };
    return acquireLock(this.#options, this.#room, request);
  }

  #enter(lock: TokenLock): TokenLock {
    const { fence } = this.#task;
    if (fence.aborted) lock.release();
    fence.throwIfAborted();
    this.#locks = withItem(this.#locks, lock);
    return lock;
  }

  #left(lock: TokenLock): void {
    this.#locks = withoutItem(this.#locks, lock);
    this.#snapshot = lock.exitSnapshot;
    const { failure } = lock;
    if (failure instanceof TaskCancelledError) this.#task.onCancelled();
    if (failure instanceof TaskLostError) this.#task.onLost();
    if (failure instanceof SupersededError) this.#task.onSuperseded();
  }
}
