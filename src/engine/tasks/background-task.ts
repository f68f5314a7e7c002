import { setMaxListeners } from 'node:events';
import {
  ShuttingDownError,
  StoreWriteError,
  TaskCancelledError,
  TaskLostError,
} from '../errors/index.ts';
import type {
  EventDefinition,
  StateDefinition,
  StateReference,
  TaskExit,
} from '../state/definitions.ts';
import { eventLabel } from '../state/event-label.ts';
import { type EventCall, requireEventCall } from '../state/event-reference.ts';
import type { TokenSnapshot } from '../state/snapshot.ts';
import type { TaskOutcome, TaskStatus } from '../state/task-status.ts';
import type { TaskRecord } from '../store/state-store.ts';
import { sleep } from '../time/sleep.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { detached } from '../values/detached.ts';
import { acquireLock } from './acquire-lock.ts';
import { callSite } from './call-site.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EventFailure } from './error-reporter.ts';
import type { FollowUps } from './follow-ups.ts';
import { holdLocks } from './hold-lock.ts';
import { openBlock } from './lock-block.ts';
import { assertNotNested, detach } from './lock-context.ts';
import { runMiddleware } from './middleware.ts';
import type { Origin } from './origin.ts';
import { runHandler } from './run-handler.ts';
import { openState } from './state-draft.ts';
import { createStateView, type ViewedToken } from './state-view.ts';
import { TaskEnd } from './task-end.ts';
import type { TokenLock } from './token-lock.ts';
import type { TokenRoom } from './token-room.ts';

/** What is known of a task, also after it has ended. */
export interface TaskInfo {
  readonly id: string;
  readonly key: TokenKey;
  readonly event: EventDefinition;
  readonly status: TaskStatus;
  /** What the handler threw; null unless the task failed. */
  readonly error: unknown;
  /** In ms since 1970. */
  readonly startedAt: number;
  /** When it got its outcome, in ms since 1970; null while it runs. */
  readonly endedAt: number | null;
}

/** What a task needs of the engine. */
export interface TaskHost {
  readonly options: EngineOptions;
  /** Makes events and tasks ready that run after a commit. */
  plan(room: TokenRoom, calls: readonly EventCall[], origin: Origin): FollowUps;
  /** Runs events and starts tasks that no commit triggered. */
  follow(room: TokenRoom, calls: readonly EventCall[], origin: Origin): void;
  /** Tells `onError` of a failure that no caller can be told. */
  report(error: unknown, failure: EventFailure): void;
}

/**
 * One run of a background event. It reads snapshots, and takes the lock only
 * through its `self`. Ends in exactly one outcome, after which its `onExit`
 * runs once, in a commit of its own.
 */
export class BackgroundTask implements TaskInfo {
  readonly event: EventDefinition;
  /** What the store keeps of it while it runs. */
  readonly record: TaskRecord;
  readonly #host: TaskHost;
  readonly #room: TokenRoom;
  readonly #origin: Origin;
  readonly #aborter = new AbortController();
  readonly #locks = new Set<TokenLock>();
  #snapshot: TokenSnapshot;
  #status: TaskStatus = 'RUNNING';
  #error: unknown = null;
  readonly #ending: TaskEnd;
  #exit: Promise<void> | null = null;
  #endedAt: number | null = null;
  #sleeps = 0;

  constructor(
    host: TaskHost,
    room: TokenRoom,
    run: {
      readonly record: TaskRecord;
      readonly event: EventDefinition;
      readonly origin: Origin;
    },
  ) {
    this.#host = host;
    this.#room = room;
    this.record = run.record;
    this.event = run.event;
    this.#origin = run.origin;
    this.#snapshot = room.snapshot;
    this.#ending = new TaskEnd({
      ...{ id: run.record.id, event: run.event, room, options: host.options, plan: this.#plan },
      locks: () => [...this.#locks],
    });
    // One listener for each lock that it waits for.
    setMaxListeners(0, this.#aborter.signal);
  }

  get id(): string {
    return this.record.id;
  }

  get startedAt(): number {
    return this.record.startedAt;
  }

  get key(): TokenKey {
    return this.#room.key;
  }

  get status(): TaskStatus {
    return this.#status;
  }

  get error(): unknown {
    return this.#error;
  }

  get endedAt(): number | null {
    return this.#endedAt;
  }

  /** Resolves when its end is stored, or waits for the store. */
  get whenTried(): Promise<void> {
    return this.#ending.whenTried;
  }

  /** Whether it waits for the clock: nothing but time moves it on. */
  get sleeping(): boolean {
    return this.#sleeps > 0;
  }

  /** What is left of it when it has ended. */
  summary(): TaskInfo {
    const { id, key, event, status, error, startedAt, endedAt } = this;
    return Object.freeze({ id, key, event, status, error, startedAt, endedAt });
  }

  /** Runs the handler; resolves when it has settled and `onExit` has run. Never rejects. */
  async run(args: EventCall['args']): Promise<void> {
    this.#snapshot = this.#room.snapshot;
    const release = this.#room.retain();
    try {
      await this.#room.load(this.event.state);
      this.#aborter.signal.throwIfAborted();
      await detach(() => this.#runHandler(args));
      this.#end('SUCCEEDED', null);
    } catch (error) {
      this.#end('FAILED', error);
    }
    await this.#exit;
    release();
  }

  /** In place of {@link run} for a task whose process is gone: only `onExit` runs. */
  async lose(): Promise<void> {
    this.#end('LOST', null);
    await this.#exit;
  }

  /** Fences the task at once; its `onExit` runs in another process, which has taken it over. */
  disown(): void {
    if (this.#status !== 'RUNNING') return;
    this.#settle('LOST', null);
    this.#fence(() => new TaskLostError());
  }

  /** Fences the task at once: its locks are lost, its signal aborts, `onExit` runs. Does nothing if it has ended. */
  cancel(): void {
    if (this.#status !== 'RUNNING') return;
    this.#end('CANCELLED', null);
    this.#fence(() => new TaskCancelledError(this.#label));
  }

  #fence(reason: () => Error): void {
    for (const lock of this.#locks) lock.expire(reason);
    this.#aborter.abort(reason());
  }

  get #label(): string {
    return eventLabel(this.event);
  }

  async #runHandler(args: EventCall['args']): Promise<void> {
    const { state, name, handler } = this.event;
    const invocation = {
      kind: 'background',
      state: state.name,
      event: name,
      args,
      token: this.key,
      taskId: this.id,
      context: this.#origin.taskContext,
      getState: (reference: StateReference) => this.#getState(reference.definition),
    };
    await runMiddleware(this.#host.options.middleware, invocation, async () => {
      const self = this.#self();
      const result = handler?.(self as never, detached(args) as never, undefined as never);
      await runHandler(result, {
        // Outside a lock there is nothing to flush, and nothing to wait for.
        flush: async () => {},
        trigger: (call) => this.#trigger(call),
      });
    });
  }

  #end(status: TaskOutcome, error: unknown): void {
    if (this.#status !== 'RUNNING') return;
    if (error instanceof TaskLostError) {
      this.disown();
      return;
    }
    this.#settle(status, error);
    if (status === 'FAILED') this.#report(error);
    this.#exit = this.#leave({ taskId: this.id, outcome: status, error });
  }

  #settle(status: TaskOutcome, error: unknown): void {
    this.#status = status;
    this.#error = error;
    this.#endedAt = this.#host.options.clock.now();
  }

  async #leave(exit: TaskExit): Promise<void> {
    try {
      await this.#ending.run(exit);
    } catch (failure) {
      // Closed, or full: it is still on record, and its onExit runs at the next start.
      if (failure instanceof ShuttingDownError) return;
      if (failure instanceof TaskLostError) return this.#onTakenOver();
      this.#report(failure, exit.outcome);
      if (!(failure instanceof StoreWriteError)) await this.#ending.forget().catch(() => {});
    }
  }

  /** It has ended already: where it was taken over, or here if an earlier attempt was stored without an answer. */
  #onTakenOver(): void {
    if (this.#ending.isUnsure) return;
    this.#status = 'LOST';
    const message = `the task ${this.#label} is LOST: it is not on record any more`;
    this.#host.options.logger.warn({ taskId: this.id }, message);
  }

  #report(error: unknown, outcome?: TaskOutcome): void {
    this.#host.report(error, { event: this.event, key: this.key, taskId: this.id, outcome });
  }

  #trigger(call: EventCall): void {
    this.#aborter.signal.throwIfAborted();
    this.#host.follow(this.#room, [call], this.#origin);
  }

  readonly #plan = (calls: readonly EventCall[]): FollowUps =>
    this.#host.plan(this.#room, calls, this.#origin);

  async #acquire(site?: string): Promise<TokenLock> {
    const label = `the task ${this.#label}`;
    assertNotNested(this.key, label);
    const { signal } = this.#aborter;
    const request = { label, site, signal, plan: this.#plan, task: this.id };
    const lock = await acquireLock(this.#host.options, this.#room, request);
    if (signal.aborted) lock.release();
    signal.throwIfAborted();
    this.#locks.add(lock);
    return lock;
  }

  async #modifyState(handler: (draft: object) => unknown): Promise<unknown> {
    const lock = await this.#acquire();
    try {
      return await holdLocks([lock], async () => handler(await openState(lock, this.event.state)));
    } finally {
      this.#left(lock);
    }
  }

  async #modify(site: string | undefined): Promise<object> {
    const lock = await this.#acquire(site);
    const { logger } = this.#host.options;
    return openBlock(lock, this.event.state, { logger, onEnd: () => this.#left(lock) });
  }

  #left(lock: TokenLock): void {
    this.#locks.delete(lock);
    this.#snapshot = lock.exitSnapshot;
  }

  /** The task's own state outside a lock: a snapshot, with the members that a task has. */
  #self(): object {
    const modify = () => this.#modify(callSite(modify));
    return this.#view(this.event.state, (name) => {
      switch (name) {
        case 'taskId':
          return this.id;
        case 'context':
          return this.#origin.taskContext;
        case 'signal':
          return this.#aborter.signal;
        case 'modifyState':
          return (handler: (draft: object) => unknown) => this.#modifyState(handler);
        case 'modify':
          return modify;
        case 'trigger':
          return (reference: unknown) => this.#trigger(requireEventCall(reference));
        case 'sleep':
          return (ms: number) => this.#sleep(ms);
        case 'getState':
          return (reference: StateReference) => this.#getState(reference.definition);
        default:
          return undefined;
      }
    });
  }

  async #sleep(ms: number): Promise<void> {
    this.#sleeps += 1;
    try {
      await sleep(ms, { clock: this.#host.options.clock, signal: this.#aborter.signal });
    } finally {
      this.#sleeps -= 1;
    }
  }

  async #getState(definition: StateDefinition): Promise<object> {
    await this.#room.load(definition);
    return this.#view(definition);
  }

  #view(definition: StateDefinition, members?: (name: string | symbol) => unknown): object {
    const token: ViewedToken = {
      key: this.key,
      stateOf: (state) => this.#room.requireState(this.#snapshot, state),
    };
    return createStateView(token, definition, members);
  }
}
