import { commits } from '../diagnostics/commit.ts';
import { locks } from '../diagnostics/lock.ts';
import {
  ConflictError,
  LeaseLostError,
  LockExpiredError,
  StateReleasedError,
} from '../errors/index.ts';
import type { EvaluatedState } from '../state/computed/evaluated-state.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { EventCall } from '../state/event-reference.ts';
import type { ComputedResult, StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';
import type { Entry, Lease } from '../store/state-store.ts';
import type { EndedTask, TaskChanges, TaskMemory } from '../store/stored-task.ts';
import { isEmpty } from '../store/task-rules.ts';
import { andThen, type MaybePromise, orElse } from '../time/at-once.ts';
import type { ObjectDraft } from '../values/draft/object-draft.ts';
import { createDraftScope, openDraft } from '../values/draft/open-draft.ts';
import type { PlainObject } from '../values/plain.ts';
import { markSettled } from '../values/settle.ts';
import { newCommitId } from './commit-id.ts';
import type { EngineOptions } from './engine-options.ts';
import { type FollowUps, noFollowUps } from './follow-ups.ts';
import { type DraftedState, type PreparedCommit, prepareCommit } from './prepare-commit.ts';
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
  /** When it was asked for, on this process's own clock. */
  readonly askedAt: number;
}

/**
 * A token's lock, from when it is granted to its release: the drafts, what
 * they commit, and what was triggered. A lock that has expired commits nothing.
 */
export class TokenLock implements LockHolder {
  readonly room: TokenRoom;
  readonly #options: EngineOptions;
  readonly #request: LockRequest;
  readonly #lease: Lease;
  readonly #states = new Map<StateDefinition, { before: StateSnapshot; node: ObjectDraft }>();
  /** States whose `onLoad` the next commit marks as done. */
  readonly #loaded = new Set<StateDefinition>();
  readonly #grantedAt: number;
  /** When it was asked for and granted, on this process's own clock. */
  readonly #span: { readonly askedAt: number; readonly grantedAt: number };
  #scope = createDraftScope();
  #triggered: EventCall[] = [];
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
    this.#span = { askedAt, grantedAt: performance.now() };
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

  /** Makes the drafts of a state and its parents ready; {@link draft} then gives them. */
  open(definition: StateDefinition): MaybePromise<void> {
    this.#scope.assertReadable();
    return this.room.load(definition);
  }

  /** The draft of a state that was opened. */
  draft(definition: StateDefinition): ObjectDraft {
    const known = this.#states.get(definition);
    if (known) return known.node;
    const before = this.room.requireState(this.room.snapshot, definition);
    const node = openDraft(this.#scope, markSettled(before.values as PlainObject));
    this.#states.set(definition, { before, node });
    return node;
  }

  /**
   * A computed var as it follows from the drafts. One that cannot be had at once
   * is as of the last commit.
   */
  peekComputed(definition: StateDefinition, name: string): ComputedResult | undefined {
    const committed = this.room.requireState(this.room.snapshot, definition).computed[name];
    if (![...this.#states.values()].some(({ node }) => node.written)) return committed;
    const values = new Map<StateDefinition, EvaluatedState>();
    // Only looked at: the commit evaluates it again, and tells of failures.
    const evaluation = this.room.evaluation(
      (state) => {
        const known = values.get(state) ?? this.#evaluated(state);
        values.set(state, known);
        return known;
      },
      { silent: true },
    );
    return evaluation.peek(definition, name) ?? committed;
  }

  /** The next commit notes that the state's `onLoad` has run. */
  markLoaded(definition: StateDefinition): void {
    this.draft(definition);
    this.#loaded.add(definition);
  }

  /** @throws the reason why this lock can write nothing any more. */
  assertWritable(): void {
    this.#scope.assertWritable();
  }

  assertReadable(): void {
    this.#scope.assertReadable();
  }

  /** Runs after the next commit or flush; not at all if there is none. */
  trigger(call: EventCall): void {
    this.assertWritable();
    this.#triggered.push(call);
  }

  /** Goes with the next commit or flush, also if nothing else does. */
  save(memory: TaskMemory): void {
    this.assertWritable();
    this.#saved = memory;
  }

  /** Commits what was changed up to now and keeps the lock. */
  async flush(): Promise<void> {
    await this.#enqueue(() => this.#commit());
  }

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
    await this.#storeCommit(prepared, { started: [], ended: [] });
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
    this.assertReadable();
    this.#scope.release(() => new StateReleasedError(this.label));
    this.#triggered = [];
    this.#saved = null;
    this.#loaded.clear();
    this.#states.clear();
    this.#scope = createDraftScope();
    if (this.#failure) this.#scope.refuseWrites(this.#failure);
  }

  /** Takes the lock away: nothing more of it can be written, and the next in the queue goes on. */
  expire(reason: () => Error): void {
    this.#unlessStored(() => {
      this.#failure = reason;
      this.#scope.refuseWrites(reason);
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
    if (this.#released) this.#scope.release(reason);
    else this.#scope.refuseWrites(reason);
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
    };
    const released = orElse<void>(() => this.#lease.release(), onFailure);
    if (released instanceof Promise) void released.then(() => queue.leave());
    else queue.leave();
  }

  #tell(): void {
    if (!locks.hasSubscribers) return;
    const { askedAt, grantedAt } = this.#span;
    locks.publish({
      ...{ token: this.room.key, label: this.label },
      ...{ waitMs: grantedAt - askedAt, holdMs: performance.now() - grantedAt },
      outcome: this.#failure ? 'lost' : 'released',
    });
  }

  #commit(): MaybePromise<void> {
    this.#assertHeld();
    const triggered = this.#triggered;
    const saved = this.#saved;
    this.#triggered = [];
    this.#saved = null;
    let followUps = noFollowUps;
    const store = (prepared: PreparedCommit | null) => {
      this.#assertHeld();
      if (triggered.length > 0) followUps = this.#request.plan(triggered);
      return this.#store(prepared, followUps, saved);
    };
    return orElse(
      () => andThen(andThen(this.#prepare(), store), () => followUps.run()),
      (error) => {
        followUps.drop();
        // They stay attached to the next flush, if there is one.
        this.#triggered = [...triggered, ...this.#triggered];
        this.#saved ??= saved;
        throw error;
      },
    );
  }

  #prepare(): MaybePromise<PreparedCommit | null> {
    const preparing = prepareCommit(this.room, this.#drafted(), newCommitId());
    return preparing instanceof Promise ? Promise.race([preparing, this.whenLost]) : preparing;
  }

  #store(
    prepared: PreparedCommit | null,
    { tasks: started, memories }: FollowUps,
    memory: TaskMemory | null,
  ): MaybePromise<void> {
    const ended = this.#endedTask === null ? [] : [this.#endedTask];
    const saved = memory ? [...memories, memory] : memories;
    const changes = { started, ended, saved };
    return andThen(this.#storeBoth(prepared, changes), () => {
      this.#endedTask = null;
    });
  }

  #storeBoth(prepared: PreparedCommit | null, changes: TaskChanges): MaybePromise<void> {
    if (prepared) return this.#storeCommit(prepared, changes);
    if (isEmpty(changes)) return;
    const { id, attempt } = this.#request.task ?? {};
    const by = id !== undefined && attempt !== undefined ? { id, attempt } : undefined;
    const { store } = this.#options;
    return this.#inStore(() => store.trackTasks(this.room.key, { ...changes, by }));
  }

  /** Waits for the store, which alone says how it ends. */
  #inStore(work: () => MaybePromise<void>): MaybePromise<void> {
    const onStored = () => {
      this.#storing = null;
      this.#hasStored = true;
      this.#isStored = this.#isLast;
    };
    const onFailure = (error: unknown): never => {
      this.#storing = null;
      this.expire(() => error as Error);
      throw error;
    };
    const storing = orElse(() => {
      const stored = work();
      if (stored instanceof Promise) this.#storing = stored;
      return andThen(stored, onStored);
    }, onFailure);
    return storing;
  }

  #storeCommit({ entry, after }: PreparedCommit, tasks: TaskChanges): MaybePromise<void> {
    const { id: task = null, attempt } = this.#request.task ?? {};
    // A read that was under way has replaced the room's copy: the store has another history.
    if (entry.previousId !== this.#baseId) {
      this.expire(() => new ConflictError());
      throw new ConflictError();
    }
    const sentAt = performance.now();
    const commit = { entry, after, tasks, task, attempt, isLast: this.#isLast };
    return andThen(
      this.#inStore(() => this.#lease.commit(commit)),
      () => {
        this.#tellOfCommit(entry, sentAt);
        for (const [definition, drafted] of this.#states) {
          drafted.before = after.states[definition.name] ?? drafted.before;
        }
        this.room.advance(entry, after);
        this.#baseId = entry.id;
        return this.room.breathe() ?? undefined;
      },
    );
  }

  #tellOfCommit(entry: Entry, sentAt: number): void {
    if (!commits.hasSubscribers) return;
    commits.publish({
      ...{ token: this.room.key, label: this.label, version: entry.version },
      ...{ states: Object.keys(entry.changed), operations: entry.operations.length },
      durationMs: performance.now() - sentAt,
    });
  }

  #evaluated(definition: StateDefinition): EvaluatedState {
    const committed = this.room.committed(definition);
    const node = this.#states.get(definition)?.node;
    if (!node?.written) return committed;
    return { ...committed, values: node.peek([definition.name]) as PlainObject };
  }

  *#drafted(): Generator<DraftedState> {
    for (const [definition, { before, node }] of this.#states) {
      const loaded = before.loaded || this.#loaded.has(definition);
      yield { definition, before, draft: node, loaded };
    }
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
