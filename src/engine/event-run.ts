import type { StateReference } from '../state/definitions.ts';
import { eventLabel } from '../state/event-label.ts';
import type { EventCall } from '../state/event-reference.ts';
import type { StateSnapshot } from '../state/snapshot.ts';
import type { MaybePromise } from '../time/at-once.ts';
import { detached } from '../values/detached.ts';
import { acquireLock } from './acquire-lock.ts';
import type { Capacity } from './capacity.ts';
import type { EngineOptions } from './engine-options.ts';
import type { ErrorReporter } from './error-reporter.ts';
import type { Abortable } from './fence.ts';
import type { FollowUps } from './follow-ups.ts';
import { holdLocks } from './hold-lock.ts';
import { noteResult } from './lock-context.ts';
import { runMiddleware } from './middleware.ts';
import type { Origin } from './origin.ts';
import { runHandler } from './run-handler.ts';
import { createStateDraft, openState } from './state-draft.ts';
import { type Habit, habitOfHandler, unknownHabit } from './synchronous.ts';
import type { PlannedFollowUps } from './tasks/scheduler.ts';
import type { TaskInfo } from './tasks/task-info.ts';
import type { LockRequest, TokenLock } from './token-lock.ts';
import type { TokenRoom } from './token-room.ts';

/** What an event left behind. */
export interface EventResult {
  /** The event's state after its commit. */
  readonly state: StateSnapshot;
  /** The tasks that started after its commits. */
  readonly tasks: readonly TaskInfo[];
}

/** Whom an event acts for, and how it waits for its lock. */
export interface RunRequest {
  readonly origin: Origin;
  /** As long as it takes. */
  readonly patient?: boolean;
  /** Counts it while it waits. */
  readonly queue?: Capacity;
  /** Aborts when it is not to begin any more. */
  readonly signal?: Abortable | undefined;
}

/** What events need of the engine. */
interface EventHost {
  readonly options: EngineOptions;
  readonly reporter: ErrorReporter;
  readonly scheduler: {
    plan(room: TokenRoom, calls: readonly EventCall[], origin: Origin): PlannedFollowUps;
  };
}

const noTasks: readonly TaskInfo[] = Object.freeze([]);

/**
 * One run of an event: the transaction of its lock, with the handler inside the
 * middleware. One object for all of it, which asks for the lock itself: every event has one.
 */
export class EventRun implements LockRequest {
  readonly label: string;
  readonly patient: boolean | undefined;
  readonly signal: Abortable | undefined;
  readonly #host: EventHost;
  readonly #room: TokenRoom;
  readonly #call: EventCall;
  readonly #origin: Origin;
  readonly #queue: Capacity | undefined;
  /** Of what it calls; what middleware does is not known. */
  readonly #habit: Habit;
  /** Made for the first that starts. */
  #tasks: TaskInfo[] | null = null;

  constructor(host: EventHost, room: TokenRoom, [call, request]: readonly [EventCall, RunRequest]) {
    const { handler } = call.event;
    const hasMiddleware = host.options.middleware.length > 0;
    this.label = eventLabel(call.event);
    this.patient = request.patient;
    this.signal = request.signal;
    this.#host = host;
    this.#room = room;
    this.#call = call;
    this.#origin = request.origin;
    this.#queue = request.queue;
    this.#habit = handler && !hasMiddleware ? habitOfHandler(handler) : unknownHabit;
  }

  /**
   * Runs it to its commit. Rejects as soon as the lock is lost: its caller does not wait
   * for a handler that may never end.
   */
  run(): MaybePromise<EventResult> {
    try {
      const lock = acquireLock(this.#host.options, this.#room, this);
      const done =
        lock instanceof Promise
          ? this.#whenGranted(lock).then((granted) => this.#runIn(granted))
          : this.#runIn(lock);
      return done instanceof Promise ? done.catch((error) => this.#fail(error)) : done;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Of what it has triggered; its tasks are its result's when they start. */
  plan(calls: readonly EventCall[]): FollowUps {
    const planned = this.#host.scheduler.plan(this.#room, calls, this.#origin);
    const run = () => {
      this.#tasks ??= [];
      for (const task of planned.live) this.#tasks.push(task);
      planned.run();
    };
    return { ...planned, run };
  }

  async #whenGranted(lock: Promise<TokenLock>): Promise<TokenLock> {
    const leaveQueue = this.#queue?.take();
    try {
      return await lock;
    } finally {
      leaveQueue?.();
    }
  }

  #runIn(lock: TokenLock): MaybePromise<EventResult> {
    const running = holdLocks([lock], () => this.#open(lock), this.#habit);
    return running instanceof Promise
      ? Promise.race([running, lock.whenLost]).then(() => this.#resultOf(lock))
      : this.#resultOf(lock);
  }

  #resultOf(lock: TokenLock): EventResult {
    return { state: lock.exitState(this.#call.event.state), tasks: this.#tasks ?? noTasks };
  }

  #open(lock: TokenLock): MaybePromise<void> {
    const opened = lock.drafts.open(this.#call.event.state);
    return opened instanceof Promise ? opened.then(() => this.#runOnce(lock)) : this.#runOnce(lock);
  }

  #runOnce(lock: TokenLock): MaybePromise<void> {
    const { event } = this.#call;
    const { state } = event;
    if (event !== state.lifecycle.onLoad) return this.#runInside(lock);
    // Another subscription, or another node, may have been first.
    if (this.#room.requireState(this.#room.snapshot, state).loaded) return;
    const loading = this.#runInside(lock);
    // With the last commit: what failed after a flush has not loaded.
    const onLoaded = () => lock.drafts.markLoaded(state);
    return loading instanceof Promise ? loading.then(onLoaded) : onLoaded();
  }

  #runInside(lock: TokenLock): MaybePromise<void> {
    const { middleware } = this.#host.options;
    if (middleware.length === 0) return this.#runHandler(lock);
    const invocation = () => this.#invocation(lock);
    return runMiddleware(middleware, invocation, () => this.#runHandler(lock));
  }

  #runHandler(lock: TokenLock): MaybePromise<void> {
    const { event, args } = this.#call;
    const { handler } = event;
    if (!handler) return;
    const draft = createStateDraft(lock, event.state);
    const context = this.#origin.eventContext;
    const result = handler(draft as never, detached(args) as never, context as never);
    return runHandler(noteResult(result, this.#habit), lock);
  }

  #invocation(lock: TokenLock): object {
    const { event, args } = this.#call;
    return {
      kind: 'event',
      ...{ state: event.state.name, event: event.name, args, token: this.#room.key },
      context: this.#origin.eventContext,
      getState: async (reference: StateReference) => openState(lock, reference.definition),
    };
  }

  #fail(error: unknown): never {
    // What was cancelled before it began is nobody's failure.
    if (!this.signal?.aborted || error !== this.signal.reason) {
      this.#host.reporter.reportEvent(error, { event: this.#call.event, key: this.#room.key });
    }
    throw error;
  }
}
