import { commits } from '../diagnostics/commit.ts';
import { locks } from '../diagnostics/lock.ts';
import {
  ConflictError,
  LeaseLostError,
  LockExpiredError,
  StateReleasedError,
} from '../errors/index.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { EventCall } from '../state/event-reference.ts';
import type { StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';
import type { Entry, Lease } from '../store/state-store.ts';
import type { EndedTask, TaskChanges, TaskMemory } from '../store/stored-task.ts';
import { isEmpty } from '../store/task-rules.ts';
import type { MaybePromise } from '../time/at-once.ts';
import { newCommitId } from './commit-id.ts';
import type { EngineOptions } from './engine-options.ts';
import { type FollowUps, noFollowUps } from './follow-ups.ts';
import { LockDrafts } from './lock-drafts.ts';
import { type PreparedCommit, prepareCommit } from './prepare-commit.ts';
import type { LockHolder, TokenRoom } from './token-room.ts';

export interface LockRequest {
  /** Who asks, for messages: `MyTask.toggleRunning`. */
  readonly label: string;
  /** Where in the code it was asked for, if known. */
  readonly site?: string | undefined;
  /** Waits as long as it takes: for work that nobody could be told was not done. */
  readonly patient?: boolean | undefined;
  /** Makes what was triggered in the lock ready, to run after the commit it is attached to. */
  readonly plan: (calls: readonly EventCall[]) => FollowUps;
  /** A task whose end is stored with the first commit. */
  readonly endedTask?: EndedTask;
  /** The task that asks, if one does. */
  readonly task?: LockingTask;
}

/** A task, as the store tells it from others. */
interface LockingTask {
  readonly id: string;
  /** Set if it is durable. */
  readonly attempt?: number;
}

/** What a lock was granted with. */
export interface LockGrant {
  readonly request: LockRequest;
  readonly lease: Lease;
  /** When it was asked for, on this process's own clock; null if nobody wants to know. */
  readonly askedAt: number | null;
}

/** What goes with a commit, and is there for the next one if that fails. */
interface Attached {
  readonly triggered: readonly EventCall[];
  readonly saved: TaskMemory | null;
  followUps: FollowUps;
}

const noCalls: readonly EventCall[] = Object.freeze([]);

const noChanges: TaskChanges = Object.freeze({ started: [], ended: [], saved: [] });

/**
 * A token's lock, from when it is granted to its release: what is committed under
 * it, and what was triggered. A lock that has expired commits nothing.
 */
export class TokenLock implements LockHolder {
  readonly room: TokenRoom;
  readonly #options: EngineOptions;
  readonly #request: LockRequest;
  readonly #lease: Lease;
  readonly drafts: LockDrafts;
  readonly #grantedAt: number;
  /** When it was asked for and granted, on this process's own clock; null if nobody wants to know. */
  readonly #span: { readonly askedAt: number; readonly grantedAt: number } | null;
  /** Made for the first that is triggered. */
  #triggered: EventCall[] | null = null;
  /** What its task saves with the next commit. */
  #saved: TaskMemory | null = null;
  #endedTask: EndedTask | null;
  /** The commit that its drafts follow: the newest, since nobody else can commit. */
  #baseId: string;
  /** Flushes that are under way, one after the other. */
  #commits: Promise<void> | null = null;
  /** The commit that is in the store's hands: how it ends is for the store to say. */
  #storing: Promise<void> | null = null;
  /** Whether the commit at hand is the last. */
  #isLast = false;
  #hasStored = false;
  /** Whether the last commit is stored: nothing is left that could be taken away. */
  #isStored = false;
  #failure: (() => Error) | null = null;
  #released = false;
  #whenPassedOn: Promise<void> | null = null;
  #onPassedOn: (() => void) | null = null;
  #exitSnapshot: TokenSnapshot | null = null;
  #cancelTimer: (() => void) | null = null;
  #aborter: AbortController | null = null;
  #whenLost: Promise<never> | null = null;
  #reject: (reason: Error) => void = () => {};

  constructor(options: EngineOptions, room: TokenRoom, grant: LockGrant) {
    const { request, lease, askedAt } = grant;
    this.#options = options;
    this.room = room;
    this.#request = request;
    this.#endedTask = request.endedTask ?? null;
    this.#lease = lease;
    this.#baseId = room.position.id;
    this.#grantedAt = options.clock.now();
    this.#span = askedAt === null ? null : { askedAt, grantedAt: performance.now() };
    this.drafts = new LockDrafts(room);
    room.holder = this;
    room.hasRung = false;
  }

  get label(): string {
    return this.#request.label;
  }

  /** Whether something that was done under it is stored. */
  get hasStored(): boolean {
    return this.#hasStored;
  }

  /** Why it was lost, or its commit failed; null while it is ours. */
  get failure(): Error | null {
    return this.#failure?.() ?? null;
  }

  /** Whether it is still ours: neither released nor lost. */
  get held(): boolean {
    return !this.#released && !this.#failure;
  }

  /** Rejects when the lock is lost: nobody waits for a handler, or a computed var, that never ends. */
  get whenLost(): Promise<never> {
    if (!this.#whenLost) {
      this.#whenLost = this.#failure
        ? Promise.reject(this.#failure())
        : new Promise((_resolve, reject) => {
            this.#reject = reject;
          });
      this.#whenLost.catch(() => {});
    }
    return this.#whenLost;
  }

  /**
   * From here on its time counts: it is warned about, and lost. To be called once its
   * holder lets others have a turn; until then no timer could fire.
   */
  limitTime(): void {
    if (this.#cancelTimer || this.room.holder !== this) return;
    const { clock, limits } = this.#options;
    const isWarned = limits.warnHoldMs < limits.maxHoldMs;
    const left = (ms: number) => Math.max(0, this.#grantedAt + ms - clock.now());
    this.#cancelTimer = isWarned
      ? clock.after(left(limits.warnHoldMs), () => this.#warn())
      : clock.after(left(limits.maxHoldMs), () => this.#expireByTime());
  }

  /** Aborts when the lock is lost. */
  get signal(): AbortSignal {
    this.#aborter ??= new AbortController();
    if (this.#failure && !this.#aborter.signal.aborted) this.#aborter.abort(this.#failure());
    return this.#aborter.signal;
  }

  describe(): string {
    return describeRequest(this.#request);
  }

  /** Runs after the next commit or flush; not at all if there is none. */
  trigger(call: EventCall): void {
    this.drafts.assertWritable();
    this.#triggered ??= [];
    this.#triggered.push(call);
  }

  /** Goes with the next commit or flush, also if nothing else does. */
  save(memory: TaskMemory): void {
    this.drafts.assertWritable();
    this.#saved = memory;
  }

  /** Commits what was changed up to now and keeps the lock. */
  async flush(): Promise<void> {
    await this.#enqueue(() => this.#commit());
  }

  /** Commits once those that are under way have ended. */
  #enqueue(commit: () => MaybePromise<void>): MaybePromise<void> {
    const done = this.#commits ? this.#commits.then(commit) : commit();
    if (!(done instanceof Promise)) return;
    const last = done
      .catch(() => {})
      .then(() => {
        if (this.#commits === last) this.#commits = null;
      });
    this.#commits = last;
    return done;
  }

  /** Stores a commit that was prepared under this lock without its drafts. */
  async commit(prepared: PreparedCommit): Promise<void> {
    this.#assertHeld();
    await this.#storeCommit(prepared, noChanges);
  }

  /** The last commit: from here on the drafts refuse writes. */
  finish(): MaybePromise<void> {
    const finished = this.#enqueue(() => {
      this.#isLast = true;
      return this.#commit();
    });
    this.#refuseLateUse();
    return finished;
  }

  /** The token as this lock left it. */
  get exitSnapshot(): TokenSnapshot {
    return this.#exitSnapshot ?? this.room.snapshot;
  }

  /** A state that was opened, as this lock left it. */
  exitState(definition: StateDefinition): StateSnapshot {
    return this.room.requireState(this.exitSnapshot, definition);
  }

  /** Drops what was changed and triggered since the last flush; drafts read before are released. */
  rollback(): void {
    this.drafts.assertReadable();
    this.drafts.reset(() => new StateReleasedError(this.label));
    this.#triggered = null;
    this.#saved = null;
    if (this.#failure) this.drafts.refuseWrites(this.#failure);
  }

  /** Takes the lock away: nothing more of it can be written, and the next in the queue goes on. */
  expire(reason: () => Error): void {
    this.#unlessStored(() => {
      this.#failure = reason;
      this.drafts.refuseWrites(reason);
      this.#aborter?.abort(reason());
      this.#reject(reason());
      this.#passOn();
    });
  }

  /** The store has given its lease to another. */
  loseLease(): void {
    this.expire(() => new LeaseLostError());
  }

  /** Resolves when it is neither held nor in the store's hands. */
  whenPassedOn(): Promise<void> {
    if (this.room.holder !== this) return Promise.resolve();
    this.#whenPassedOn ??= new Promise((resolve) => {
      this.#onPassedOn = resolve;
    });
    return this.#whenPassedOn;
  }

  /** Ends the lock and all its drafts. Safe to call twice. */
  release(): void {
    this.#released = true;
    this.#refuseLateUse();
    this.#passOn();
  }

  #refuseLateUse(): void {
    const reason = this.#failure ?? (() => new StateReleasedError(this.label));
    if (this.#released) this.drafts.release(reason);
    else this.drafts.refuseWrites(reason);
  }

  #passOn(): void {
    if (this.room.holder !== this) return;
    this.room.holder = null;
    // Others may have committed already: the lease was let go of with the last commit, or was lost.
    if (this.#failure || this.room.hasRung) this.room.onCommit();
    this.room.touch();
    this.#exitSnapshot = this.room.snapshot;
    this.#cancelTimer?.();
    this.#leave();
    this.#onPassedOn?.();
    this.#tell();
  }

  /** The next in the queue may ask for the lease when the store has it back. */
  #leave(): void {
    const { queue } = this.room;
    const onFailure = (error: unknown) => {
      this.#options.logger.error({ err: error }, 'releasing a lease failed');
      queue.leave();
    };
    try {
      const released = this.#lease.release();
      if (released instanceof Promise) released.then(() => queue.leave(), onFailure);
      else queue.leave();
    } catch (error) {
      onFailure(error);
    }
  }

  #tell(): void {
    if (!this.#span || !locks.hasSubscribers) return;
    const { askedAt, grantedAt } = this.#span;
    locks.publish({
      ...{ token: this.room.key, label: this.label },
      ...{ waitMs: grantedAt - askedAt, holdMs: performance.now() - grantedAt },
      outcome: this.#failure ? 'lost' : 'released',
    });
  }

  #commit(): MaybePromise<void> {
    this.#assertHeld();
    const attached = {
      triggered: this.#triggered ?? noCalls,
      saved: this.#saved,
      followUps: noFollowUps,
    };
    this.#triggered = null;
    this.#saved = null;
    try {
      const preparing = prepareCommit(this.room, this.drafts.opened, newCommitId());
      const stored =
        preparing instanceof Promise
          ? Promise.race([preparing, this.whenLost]).then((it) => this.#store(it, attached))
          : this.#store(preparing, attached);
      if (!(stored instanceof Promise)) return stored;
      return stored.catch((error) => this.#putBack(attached, error));
    } catch (error) {
      this.#putBack(attached, error);
    }
  }

  #store(prepared: PreparedCommit | null, attached: Attached): MaybePromise<void> {
    this.#assertHeld();
    const { triggered, saved } = attached;
    if (triggered.length > 0) attached.followUps = this.#request.plan(triggered);
    const { followUps } = attached;
    const changes = this.#taskChanges(followUps, saved);
    const stored = prepared ? this.#storeCommit(prepared, changes) : this.#storeChanges(changes);
    const onStored = () => {
      this.#endedTask = null;
      followUps.run();
    };
    return stored instanceof Promise ? stored.then(onStored) : onStored();
  }

  #taskChanges({ tasks: started, memories }: FollowUps, memory: TaskMemory | null): TaskChanges {
    const endedTask = this.#endedTask;
    if (!endedTask && !memory && started.length === 0 && memories.length === 0) return noChanges;
    const saved = memory ? [...memories, memory] : memories;
    return { started, ended: endedTask ? [endedTask] : [], saved };
  }

  /** What was attached to a commit that has failed goes with the next flush, if there is one. */
  #putBack({ triggered, saved, followUps }: Attached, error: unknown): never {
    followUps.drop();
    if (triggered.length > 0) this.#triggered = [...triggered, ...(this.#triggered ?? [])];
    this.#saved ??= saved;
    throw error;
  }

  #storeChanges(changes: TaskChanges): MaybePromise<void> {
    if (isEmpty(changes)) return;
    const { id, attempt } = this.#request.task ?? {};
    const by = id !== undefined && attempt !== undefined ? { id, attempt } : undefined;
    const { store } = this.#options;
    return this.#inStore(() => store.trackTasks(this.room.key, { ...changes, by }));
  }

  /** Waits for the store, which alone says how it ends. */
  #inStore(work: () => MaybePromise<void>): MaybePromise<void> {
    try {
      const stored = work();
      if (!(stored instanceof Promise)) return this.#onStored();
      this.#storing = stored;
      return stored.then(
        () => this.#onStored(),
        (error) => this.#onNotStored(error),
      );
    } catch (error) {
      this.#onNotStored(error);
    }
  }

  #onStored(): void {
    this.#storing = null;
    this.#hasStored = true;
    this.#isStored = this.#isLast;
  }

  #onNotStored(error: unknown): never {
    this.#storing = null;
    this.expire(() => error as Error);
    throw error;
  }

  #storeCommit({ entry, after }: PreparedCommit, tasks: TaskChanges): MaybePromise<void> {
    const { task } = this.#request;
    // A read that was under way has replaced the room's copy: the store has another history.
    if (entry.previousId !== this.#baseId) {
      this.expire(() => new ConflictError());
      throw new ConflictError();
    }
    const sentAt = commits.hasSubscribers ? performance.now() : null;
    const commit = {
      entry,
      after,
      tasks,
      task: task?.id ?? null,
      attempt: task?.attempt,
      isLast: this.#isLast,
    };
    const stored = this.#inStore(() => this.#lease.commit(commit));
    return stored instanceof Promise
      ? stored.then(() => this.#advance(entry, after, sentAt))
      : this.#advance(entry, after, sentAt);
  }

  #advance(entry: Entry, after: TokenSnapshot, sentAt: number | null): MaybePromise<void> {
    if (sentAt !== null) this.#tellOfCommit(entry, sentAt);
    this.drafts.follow(after);
    this.room.advance(entry, after);
    this.#baseId = entry.id;
    return this.room.breathe() ?? undefined;
  }

  #tellOfCommit(entry: Entry, sentAt: number): void {
    commits.publish({
      ...{ token: this.room.key, label: this.label, version: entry.version },
      ...{ states: Object.keys(entry.changed), operations: entry.operations.length },
      durationMs: performance.now() - sentAt,
    });
  }

  #assertHeld(): void {
    if (this.#failure) throw this.#failure();
    if (this.#released) throw new StateReleasedError(this.label);
  }

  #warn(): void {
    const { clock, limits, logger } = this.#options;
    logger.warn(
      { holder: this.describe(), heldMs: clock.now() - this.#grantedAt },
      `${this.label} holds its lock for more than ${limits.warnHoldMs} ms`,
    );
    this.#cancelTimer = clock.after(limits.maxHoldMs - limits.warnHoldMs, () =>
      this.#expireByTime(),
    );
  }

  /** Loses the lock if it is still to be lost, and not before the store has answered. */
  #unlessStored(lose: () => void): void {
    if (this.#released || this.#failure || this.#isStored) return;
    if (!this.#storing) {
      lose();
      return;
    }
    const again = () => this.#unlessStored(lose);
    this.#storing.then(again, again);
  }

  #expireByTime(): void {
    this.#unlessStored(() => {
      const { clock, logger } = this.#options;
      const heldMs = clock.now() - this.#grantedAt;
      logger.error({ holder: this.describe(), heldMs }, `${this.label} lost its lock`);
      this.expire(() => new LockExpiredError(this.label, heldMs));
    });
  }
}

/** Who asks for a lock and where, for messages. */
export function describeRequest({ label, site }: LockRequest): string {
  return site ? `${label} (${site})` : label;
}
