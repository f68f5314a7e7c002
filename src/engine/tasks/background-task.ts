import { taskChanges, traceTask } from '../../diagnostics/task.ts';
import {
  ConcurrencyLimitError,
  ShuttingDownError,
  SupersededError,
  TaskCancelledError,
  TaskEndedError,
  TaskLostError,
  TaskTimeoutError,
} from '../../errors/index.ts';
import { readableError } from '../../errors/readable-error.ts';
import type { EventDefinition, StateReference, TaskExit } from '../../state/definitions.ts';
import { eventLabel } from '../../state/event-label.ts';
import type { EventCall } from '../../state/event-reference.ts';
import type { TaskOutcome, TaskStatus } from '../../state/task-status.ts';
import {
  type EndedTask,
  justEndedMs,
  type StoredTask,
  type TaskChanges,
  type TaskFailure,
  type TaskRecord,
} from '../../store/stored-task.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { detached } from '../../values/detached.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { EventFailure } from '../error-reporter.ts';
import { Fence } from '../fence.ts';
import type { FollowUps } from '../follow-ups.ts';
import { detach } from '../lock-context.ts';
import { runMiddleware } from '../middleware.ts';
import type { Origin } from '../origin.ts';
import { runHandler } from '../run-handler.ts';
import type { TokenRoom } from '../token-room.ts';
import { assertReport } from './progress.ts';
import { TaskAccess } from './task-access.ts';
import type { NextAttempt, TaskAttempt } from './task-attempt.ts';
import { TaskEnd } from './task-end.ts';
import { isUnderWay, type TaskInfo } from './task-info.ts';
import type { Place, PlaceTicket } from './task-places.ts';
import { TaskSelf } from './task-self.ts';
import { TaskUpdates } from './task-updates.ts';

/** What triggers events and tasks outside of a commit. */
export interface Follower {
  readonly origin: Origin;
  /** Set if it is a durable task: refused unless this is its latest attempt. */
  readonly by?: TaskChanges['by'];
  /** Whether whoever triggers sees to an error because of which nothing of it runs; others are reported. */
  isSeenTo(error: unknown): boolean;
}

/** What a task needs of the engine. */
export interface TaskHost {
  readonly options: EngineOptions;
  /** Makes events and tasks ready that run after a commit. */
  plan(room: TokenRoom, calls: readonly EventCall[], origin: Origin): FollowUps;
  /** Runs events and starts tasks that no commit triggered; resolves when they are on record, or never will be. */
  follow(room: TokenRoom, calls: readonly EventCall[], from: Follower): Promise<void>;
  /** Tells `onError` of a failure that no caller can be told. */
  report(error: unknown, failure: EventFailure): void;
}

/** What a task is made of. */
export interface TaskRun {
  readonly record: TaskRecord;
  readonly event: EventDefinition;
  /** Whom it acts for. */
  readonly origin: Origin;
  /** For a place among those that may run at once; null if any number may. */
  readonly ticket: PlaceTicket | null;
  /** Set if this is an attempt at a durable task. */
  readonly attempt: TaskAttempt | null;
}

/**
 * One run of a background event. It reads snapshots, and takes the lock only
 * through its `self`. Ends in exactly one outcome, after which its `onExit`
 * runs once, in a commit of its own. An attempt at a durable task may be handed
 * over instead: then another one goes on.
 */
export class BackgroundTask implements TaskInfo {
  readonly event: EventDefinition;
  readonly attempt: number;
  readonly #host: TaskHost;
  readonly #room: TokenRoom;
  readonly #run: TaskRun;
  /** Of what it triggers. */
  readonly #origin: Origin;
  /** Aborts when it may do nothing more. */
  readonly fence = new Fence();
  /** The handler's own: it aborts with the fence, and when the server is about to stop. */
  readonly #handlerFence = new Fence();
  readonly #access: TaskAccess;
  readonly #self: TaskSelf;
  readonly #updates: TaskUpdates;
  readonly #ending: TaskEnd;
  #record: TaskRecord;
  #outcome: TaskOutcome | null = null;
  #error: TaskFailure | null = null;
  #endedAt: number | null = null;
  #place: Place | null = null;
  /** Whether it is on record. */
  #isOnRecord = false;
  /** Whether it was cancelled before: it ends as soon as it is. */
  #isCancelledEarly = false;
  #hasBegun = false;
  #cancelTimer = () => {};
  /** Its end, from when it has an outcome, or is handed over. */
  #exit: Promise<void> | null = null;
  /** Whether the task goes on elsewhere, or in another attempt. */
  #isHandedOver = false;
  /** Settles when what it has triggered is on record: as this attempt's, so before the next one, or the end. */
  #followed = Promise.resolve();
  /** Aborts when what it has triggered is not to begin any more. */
  readonly #followUpFence = new Fence();
  #onLeft: (againInMs: number | null) => void = () => {};
  /** Resolves when this attempt leaves nothing to do here: to in how many ms there is to be another, or to null. */
  readonly whenLeft = new Promise<number | null>((resolve) => {
    this.#onLeft = resolve;
  });
  #onAdmitted = () => {};
  #onRefused: (error: ConcurrencyLimitError) => void = () => {};
  /** Resolves when it runs, waits for its turn, or has ended; rejects if it was refused. */
  readonly whenAdmitted = new Promise<void>((resolve, reject) => {
    this.#onAdmitted = resolve;
    this.#onRefused = reject;
  });

  constructor(host: TaskHost, room: TokenRoom, run: TaskRun) {
    this.#host = host;
    this.#room = room;
    this.#run = run;
    this.event = run.event;
    this.attempt = Math.max(1, run.record.attempt);
    this.#record = run.record;
    const { options } = host;
    const { id } = run.record;
    // Not the task itself: what it triggers outlives it.
    this.#origin = run.origin.within({ id, event: run.event, fence: this.#followUpFence });
    const plan = (calls: readonly EventCall[]) => host.plan(room, calls, this.#origin);
    const label = `the task ${eventLabel(run.event)}`;
    this.#access = new TaskAccess(options, room, {
      ...{ id, attempt: run.attempt?.number, label, fence: this.fence, plan },
      assertUnderWay: () => this.#assertUnderWay(),
      onCancelled: () => this.cancel(),
      onLost: () => this.disown(),
      onSuperseded: () => this.#supersede(),
    });
    this.#self = new TaskSelf({
      ...{ id, event: run.event, clock: options.clock, access: this.#access },
      ...{ attempt: run.attempt, fence: this.#handlerFence },
      context: () => this.#origin.taskContext,
      assertUnderWay: () => this.#assertUnderWay(),
      report: (progress, message) => this.#reportProgress(progress, message),
      trigger: (call) => this.#trigger(call),
    });
    this.#updates = new TaskUpdates(options, room.key, () => this.#record);
    // What its end triggers is not cancelled with it.
    const lasting = this.#origin.lasting();
    this.#ending = new TaskEnd({
      ...{ event: run.event, room, options, isDurable: run.record.durable !== undefined },
      plan: (calls) => host.plan(room, calls, lasting),
      locks: () => this.#access.locks,
    });
    // Not everybody asks.
    this.whenAdmitted.catch(() => {});
  }

  get id(): string {
    return this.#record.id;
  }

  /** What the store keeps of it until its end is stored. */
  get record(): TaskRecord {
    return this.#record;
  }

  get key(): TokenKey {
    return this.#room.key;
  }

  get status(): TaskStatus {
    if (this.#outcome) return this.#outcome;
    if (this.#isCancelledEarly) return 'CANCELLED';
    return this.#record.startedAt === null ? 'QUEUED' : 'RUNNING';
  }

  get progress(): number | null {
    return this.#record.progress;
  }

  get message(): string | null {
    return this.#record.message;
  }

  get parent(): string | null {
    return this.#record.parent;
  }

  get createdAt(): number {
    return this.#record.createdAt;
  }

  get startedAt(): number | null {
    return this.#record.startedAt;
  }

  get endedAt(): number | null {
    return this.#endedAt;
  }

  get error(): TaskFailure | null {
    return this.#error;
  }

  /** Whether it is not this process's, or this attempt's, any more, and has not ended. */
  get isHandedOver(): boolean {
    return this.#isHandedOver;
  }

  /** Resolves when its end is stored, or waits for the store. */
  get whenTried(): Promise<void> {
    return this.#ending.whenTried;
  }

  /** Whether nothing but time, or another task, moves it on. */
  get resting(): boolean {
    const isWaiting = this.#place !== null && !this.#hasBegun && !this.#place.isItsTurn;
    return this.#self.sleeps || isWaiting;
  }

  /** Runs the handler; resolves when it has settled and `onExit` has run. Never rejects. */
  async run(args: EventCall['args']): Promise<void> {
    const release = this.#beOnRecord();
    // What was triggered beside it may be committed in a moment.
    this.#access.begin();
    try {
      await this.#waitForTurn();
      await this.#room.load(this.event.state);
      this.#begin();
      const names = { state: this.event.state.name, event: this.event.name };
      const message = { token: this.key, id: this.id, ...names };
      await detach(() => traceTask(message, () => this.#runHandler(args)));
      this.#end('SUCCEEDED', null);
    } catch (error) {
      this.#end('FAILED', readableError(error));
      // What it left running may not go on beside the next attempt.
      if (this.#isHandedOver) this.#close(() => new TaskEndedError());
    }
    await this.#exit;
    await this.#leavePlace();
    release();
  }

  /**
   * In place of {@link run} for a durable task, which may be run elsewhere: waits for its
   * turn, and calls `handOver`; not if the server stops before. Never rejects, if that does not.
   */
  async wait(handOver: () => Promise<void>): Promise<void> {
    const release = this.#beOnRecord();
    try {
      await this.#waitForTurn();
    } catch (error) {
      // What else is wrong, if it was not cancelled, shows again when it is to run.
      if (error instanceof ConcurrencyLimitError) this.#end('FAILED', error);
    }
    if (this.#isUnderWay) {
      this.#handOver();
      await handOver();
    }
    await this.#exit;
    await this.#leavePlace();
    release();
  }

  /** In place of {@link run} for a task whose process is gone: only `onExit` runs. */
  async lose({ cancelledAt }: Pick<StoredTask, 'cancelledAt'>): Promise<void> {
    await this.#endUnrun(cancelledAt === null ? 'LOST' : 'CANCELLED', null);
  }

  /** In place of {@link run} for a task that is not to be tried again. */
  async fail(error: Error): Promise<void> {
    await this.#endUnrun('FAILED', error);
  }

  async #endUnrun(outcome: TaskOutcome, error: unknown): Promise<void> {
    this.#isOnRecord = true;
    this.#end(outcome, error);
    await this.#exit;
    await this.#run.ticket?.giveUp();
  }

  /** Fences the task at once; its `onExit` runs in another process, which has taken it over. */
  disown(): void {
    // A durable task is no process's.
    if (this.#run.record.durable || !this.#isUnderWay) return;
    this.#settle('LOST', null);
    this.#close(() => new TaskLostError());
  }

  /** Fences the task at once: its locks are lost, its signal aborts, `onExit` runs. Does nothing if it has ended. */
  cancel(): void {
    if (this.#isOnRecord) this.#stop('CANCELLED', null, () => new TaskCancelledError());
    else this.#isCancelledEarly = true;
  }

  /** Tells the handler that the server is about to stop; a task that waits for its turn is cancelled, a durable one is handed over. */
  drain(): void {
    if (this.#run.record.durable) this.abandon();
    else if (this.#run.ticket && !this.#hasBegun) this.cancel();
    else this.#handlerFence.abort(new ShuttingDownError());
  }

  /** In place of {@link cancel} when the process ends: a durable task is handed over. */
  abandon(): void {
    if (this.#run.record.durable) this.#giveBack();
    else this.cancel();
  }

  #stop(outcome: TaskOutcome, error: unknown, reason: () => Error): void {
    if (!this.#isUnderWay) return;
    this.#end(outcome, error);
    this.#close(reason);
  }

  #close(reason: () => Error): void {
    this.#access.expire(reason);
    this.fence.abort(reason());
    this.#handlerFence.abort(reason());
    if (!this.#isHandedOver) this.#followUpFence.abort(reason());
  }

  get #isUnderWay(): boolean {
    return isUnderWay(this) && !this.#isHandedOver;
  }

  /** The next attempt may begin at once, where there is a process for it. */
  #giveBack(): void {
    if (!this.#isUnderWay) return;
    const { attempt, ticket } = this.#run;
    if (attempt) this.#passOn({ inMs: 0, tries: attempt.settled });
    else if (ticket) this.#handOver();
    // It is handed over in a moment.
    else return;
    this.#close(() => new ShuttingDownError());
  }

  /** A later attempt runs, or has ended it. */
  #supersede(): void {
    if (!this.#isUnderWay) return;
    this.#handOver();
    this.#onLeft(null);
    this.#close(() => new SupersededError());
  }

  /** Nothing of it is this attempt's from here on. */
  #handOver(): void {
    this.#cancelTimer();
    this.#updates.stop();
    this.#isHandedOver = true;
    this.#onAdmitted();
    this.#tell();
  }

  #passOn(next: NextAttempt): void {
    this.#handOver();
    this.#exit = this.#leaveTo(next);
  }

  async #leaveTo({ inMs, tries }: NextAttempt): Promise<void> {
    await this.#followed;
    // A commit that is in the store's hands is still this attempt's.
    for (const lock of this.#access.locks) await lock.whenPassedOn();
    this.#record = { ...this.#record, startedAt: null, durable: tries };
    let isItsOwn = true;
    try {
      isItsOwn = await this.#host.options.store.updateTask(this.key, this.#record);
    } catch (error) {
      // Then it counts as interrupted.
      const message = 'how an attempt at a task went could not be stored';
      this.#host.options.logger.debug({ err: error, taskId: this.id }, message);
    }
    // Cancelled meanwhile, it is to end at once.
    this.#onLeft(isItsOwn ? inMs : 0);
  }

  /** It is on record from now on; its token is kept until the returned function is called. */
  #beOnRecord(): () => void {
    const release = this.#room.retain();
    this.#isOnRecord = true;
    this.#tell();
    return release;
  }

  /** Resolves when it may run. */
  async #waitForTurn(): Promise<void> {
    if (this.#isCancelledEarly) {
      this.#isCancelledEarly = false;
      this.cancel();
    }
    this.fence.throwIfAborted();
    const { ticket } = this.#run;
    if (!ticket) return;
    const parent = this.#parentFence;
    const onAbort = () => this.cancel();
    parent?.addEventListener('abort', onAbort);
    try {
      if (parent?.aborted) onAbort();
      this.fence.throwIfAborted();
      this.#place = await ticket.take(this.fence);
      if (!this.#place.isItsTurn) this.#onAdmitted();
      await this.#place.whenItsTurn(this.fence);
    } finally {
      parent?.removeEventListener('abort', onAbort);
    }
  }

  #begin(): void {
    if (this.#parentFence?.aborted) this.cancel();
    this.fence.throwIfAborted();
    this.#hasBegun = true;
    if (this.#place) this.#access.begin();
    const { clock } = this.#host.options;
    if (this.#record.startedAt === null) {
      this.#record = { ...this.#record, startedAt: clock.now() };
      this.#updates.note();
      this.#tell();
    }
    this.#onAdmitted();
    const { timeoutMs } = this.event.policy;
    if (timeoutMs !== null) {
      this.#cancelTimer = clock.after(timeoutMs, () => {
        const timeout = () => new TaskTimeoutError(eventLabel(this.event), timeoutMs);
        this.#stop('FAILED', timeout(), timeout);
      });
    }
  }

  /** Aborts if what has triggered it is cancelled, and it goes with that. */
  get #parentFence(): Fence | null {
    const { detached: isDetached, policy } = this.event;
    const { parent } = this.#run.origin;
    // What takes the place of the task that has triggered it is not cancelled with it.
    const isNext = policy.concurrency?.onLimit === 'replace' && parent?.event === this.event;
    return isDetached || isNext || !parent ? null : parent.fence;
  }

  async #runHandler(args: EventCall['args']): Promise<void> {
    const { state, name, handler } = this.event;
    const invocation = () => ({
      kind: 'background',
      state: state.name,
      event: name,
      args,
      token: this.key,
      taskId: this.id,
      context: this.#origin.taskContext,
      getState: (reference: StateReference) => this.#access.getState(reference),
    });
    await runMiddleware(this.#host.options.middleware, invocation, async () => {
      const self = this.#self.view;
      const result = handler?.(self as never, detached(args) as never, undefined as never);
      await runHandler(result, {
        // Outside a lock there is nothing to flush, and nothing to wait for.
        flush: async () => {},
        trigger: (call) => this.#trigger(call),
      });
    });
  }

  #end(outcome: TaskOutcome, error: unknown): void {
    if (!this.#isUnderWay) return;
    // An attempt was let in once: that its place was lost is not its fault.
    const isRefused = error instanceof ConcurrencyLimitError && !this.#hasBegun;
    if (isRefused && !this.#run.attempt) this.#refuse(error);
    else this.#conclude(outcome, error);
  }

  #conclude(outcome: TaskOutcome, error: unknown): void {
    const isStopped = isAbortOf(this.#handlerFence, error);
    const next = outcome === 'FAILED' && !isStopped ? this.#run.attempt?.nextAfter(error) : null;
    if (next) {
      this.#report(error);
      this.#passOn(next);
      return;
    }
    const exit: TaskExit = isStopped
      ? { taskId: this.id, outcome: 'CANCELLED', error: null }
      : { taskId: this.id, outcome, error };
    this.#settle(exit.outcome, exit.error);
    if (exit.outcome === 'FAILED') this.#report(error);
    this.#exit = this.#leave(exit);
  }

  /** It never ran, so that it has nothing to leave. */
  #refuse(error: ConcurrencyLimitError): void {
    this.#onRefused(error);
    this.#settle('FAILED', error);
    const ended = { ...this.#ended('FAILED'), listedMs: justEndedMs };
    this.#exit = this.#ending.takeOff(ended).catch((failure: unknown) => {
      if (!(failure instanceof ShuttingDownError)) this.#report(failure);
    });
  }

  #settle(outcome: TaskOutcome, error: unknown): void {
    const { clock, describeFailure } = this.#host.options;
    this.#cancelTimer();
    this.#updates.stop();
    this.#outcome = outcome;
    this.#error = outcome === 'FAILED' ? describeFailure(error) : null;
    this.#endedAt = clock.now();
    this.#onAdmitted();
    this.#tell();
  }

  async #leave(exit: TaskExit): Promise<void> {
    try {
      await this.#followed;
      await this.#ending.run(exit, this.#ended(exit.outcome));
      await this.#leavePlace();
    } catch (failure) {
      // It is still on record, and its onExit runs at the next start.
      if (failure instanceof ShuttingDownError) return;
      if (failure instanceof TaskLostError) return this.#onTakenOver();
      // The task is another attempt's, which has ended it or will.
      if (failure instanceof SupersededError) return this.#handOver();
      if (this.#ending.isCancelled && exit.outcome !== 'CANCELLED') return this.#onCancelled();
      this.#report(failure, exit.outcome);
      await this.#ending.takeOff(this.#ended(exit.outcome)).catch(() => {});
      await this.#leavePlace();
    } finally {
      this.#onLeft(null);
    }
  }

  /** It was cancelled before its end was stored, on another node: that is how it has ended. */
  #onCancelled(): Promise<void> {
    this.#settle('CANCELLED', null);
    this.#close(() => new TaskCancelledError());
    return this.#leave({ taskId: this.id, outcome: 'CANCELLED', error: null });
  }

  /** It has ended already: where it was taken over, or here if an earlier attempt was stored without an answer. */
  #onTakenOver(): void {
    if (this.#ending.isUnsure) return;
    this.#settle('LOST', null);
    const message = `the task ${eventLabel(this.event)} is LOST: it is not on record any more`;
    this.#host.options.logger.warn({ taskId: this.id }, message);
  }

  /** As it is stored when it has ended: what it acted for is nobody's any more. */
  #ended(outcome: TaskOutcome): EndedTask {
    const { clock, limits } = this.#host.options;
    return {
      record: { ...this.#record, context: null },
      ending: { outcome, endedAt: this.#endedAt ?? clock.now(), error: this.#error },
      listedMs: Math.max(limits.finishedTaskTtlMs, justEndedMs),
    };
  }

  async #leavePlace(): Promise<void> {
    const place = this.#place;
    this.#place = null;
    if (this.#isHandedOver) place?.handOver();
    else await place?.leave();
  }

  #report(error: unknown, outcome?: TaskOutcome): void {
    this.#host.report(error, { event: this.event, key: this.key, taskId: this.id, outcome });
  }

  /** Tells whoever looks that its status is another. */
  #tell(): void {
    this.#room.onTasks();
    if (!taskChanges.hasSubscribers) return;
    const { id, key: token, event, parent, startedAt } = this;
    const status = this.#isHandedOver ? 'HANDED_OVER' : this.status;
    const runMs = startedAt === null ? null : this.#host.options.clock.now() - startedAt;
    const names = { state: event.state.name, event: event.name };
    taskChanges.publish({ token, id, ...names, status, parent, runMs });
  }

  #assertUnderWay(): void {
    this.fence.throwIfAborted();
    if (!this.#isUnderWay) throw new TaskEndedError();
  }

  #trigger(call: EventCall): void {
    this.#assertUnderWay();
    const number = this.#run.attempt?.number;
    const followed = this.#host.follow(this.#room, [call], {
      origin: this.#origin,
      by: number === undefined ? undefined : { id: this.id, attempt: number },
      isSeenTo: (error) => {
        if (error instanceof SupersededError) this.#supersede();
        if (error instanceof TaskCancelledError) this.cancel();
        return error instanceof SupersededError || error instanceof TaskCancelledError;
      },
    });
    if (number !== undefined) this.#followed = this.#followed.then(() => followed);
  }

  #reportProgress(progress: number, message?: string): void {
    this.#assertUnderWay();
    assertReport(progress, message);
    this.#record = { ...this.#record, progress, message: message ?? this.#record.message };
    this.#updates.note();
  }
}

/** Whether something was given up because of the fence: it throws its reason, or, in Node, an error of its own with that as the cause. */
function isAbortOf({ aborted, reason }: Fence, error: unknown): boolean {
  return aborted && (error === reason || (error instanceof Error && error.cause === reason));
}
