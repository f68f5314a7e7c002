import { isEventTraced, traceEvent } from '../diagnostics/event.ts';
import { ShuttingDownError, StoreUnavailableError } from '../errors/index.ts';
import type { EventDefinition, StateDefinition } from '../state/definitions.ts';
import { eventLabel } from '../state/event-label.ts';
import type { EventCall } from '../state/event-reference.ts';
import type { StateSnapshot } from '../state/snapshot.ts';
import { observedStore } from '../store/observed-store.ts';
import { TaskCursor } from '../stream/task-cursor.ts';
import { TokenCursor } from '../stream/token-cursor.ts';
import { andThen, type MaybePromise } from '../time/at-once.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { acquireLock } from './acquire-lock.ts';
import type { EngineOptions } from './engine-options.ts';
import { ErrorReporter } from './error-reporter.ts';
import { type EventResult, EventRun, type RunRequest } from './event-run.ts';
import { holdLocks } from './hold-lock.ts';
import { openBlock } from './lock-block.ts';
import { assertNotNested, detach, noteResult } from './lock-context.ts';
import { createLockRoot } from './lock-root.ts';
import { Origin } from './origin.ts';
import { Rooms } from './rooms.ts';
import { openState } from './state-draft.ts';
import { storeRetryMs } from './store-retry.ts';
import { startSweeping } from './sweep.ts';
import { habitOf } from './synchronous.ts';
import { LostTasks } from './tasks/lost-tasks.ts';
import type { PlaceHolder } from './tasks/place-list.ts';
import { Scheduler, type SchedulerHost } from './tasks/scheduler.ts';
import { TaskDirectory } from './tasks/task-directory.ts';
import type { TaskInfo } from './tasks/task-info.ts';
import type { TaskRegistry } from './tasks/task-registry.ts';
import type { TokenLock } from './token-lock.ts';
import type { TokenRoom } from './token-room.ts';
import { allSettledWithin, Work } from './work.ts';

/** What a subscription is to. */
export interface SubscribeRequest {
  readonly definitions: readonly StateDefinition[];
  /** A cursor of an earlier subscription, to resume from it. */
  readonly since: string | null;
  /** The request's context, for lifecycle events. */
  readonly context: unknown;
}

/** What a client, or the server's own code, asks for. */
export interface DispatchRequest {
  readonly context: unknown;
  /** Whether a client asks, of whom only so many may wait. */
  readonly isClient: boolean;
}

/**
 * Runs events and tasks on the states of tokens. Knows tokens by their keys,
 * and nothing of GraphQL.
 */
export class Engine implements SchedulerHost {
  readonly options: EngineOptions;
  /** Tasks, and what starts them. */
  readonly work = new Work();
  readonly reporter: ErrorReporter;
  readonly #events = new Work();
  readonly #rooms: Rooms;
  readonly scheduler: Scheduler;
  readonly #lost = new LostTasks();
  readonly #directory: TaskDirectory;
  readonly #stopSweeping: () => void;
  /** Resolves when the store can be used, and rejects if it never can. */
  readonly opened: Promise<void>;
  #isOpen = false;
  #closing = false;

  constructor(options: EngineOptions) {
    this.options = { ...options, store: observedStore(options.store) };
    this.reporter = new ErrorReporter(options);
    this.scheduler = new Scheduler(this);
    this.#directory = new TaskDirectory(this);
    this.#rooms = new Rooms({
      options: this.options,
      reporter: this.reporter,
      run: (event, room, origin) => this.#runByItself(event, room, origin),
      cancelAll: (event, room) => void this.#directory.cancelAll(event, room),
      onCancel: (key, taskId) => this.tasks.find(key, taskId)?.cancel(),
      onLoad: async (room) => {
        await this.opened;
        await this.scheduler.lose(room, this.#lost.take(room.key));
      },
    });
    this.#stopSweeping = startSweeping(this.options, this.#allRooms);
    this.opened = this.#open();
    // Told to everybody who asks.
    this.opened.catch(() => {});
  }

  get tasks(): TaskRegistry {
    return this.scheduler.tasks;
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** Whether new work can be taken. */
  get ready(): boolean {
    return !this.#closing && this.#isOpen && this.options.store.available;
  }

  /** Also of tokens that no client knows. */
  get #allRooms(): readonly Rooms[] {
    return [this.#rooms, this.scheduler.places.rooms];
  }

  keys(): Iterable<TokenKey> {
    return this.#rooms.keys;
  }

  /** Whether events or tasks are under way here. */
  get busy(): boolean {
    return this.work.isUnderWay || this.#events.isUnderWay;
  }

  /** Whether nothing but time moves on what is under way: no lock is held or asked for, all tasks sleep. */
  get resting(): boolean {
    for (const rooms of this.#allRooms) {
      for (const { room } of rooms) if (room.queue.isTaken) return false;
    }
    if (this.scheduler.durable?.isMoving) return false;
    return [...this.tasks.live].every((task) => task.resting);
  }

  /** Who holds locks, for messages. */
  get holders(): string[] {
    return [...this.#rooms].flatMap(({ room }) => room.holder?.describe() ?? []);
  }

  /** How many subscriptions are open. */
  get subscribers(): number {
    let count = 0;
    for (const { presence } of this.#rooms) count += presence.subscribers;
    return count;
  }

  async read(key: TokenKey, definition: StateDefinition): Promise<StateSnapshot> {
    const { room } = await this.#rooms.of(key);
    return room.state(definition);
  }

  async subscribe(
    key: TokenKey,
    { definitions, since, context }: SubscribeRequest,
  ): Promise<TokenCursor> {
    const { room, presence } = await this.#enter(key);
    const release = room.retain();
    try {
      for (const definition of definitions) {
        await room.state(definition);
        // A cursor may come from before the first commit.
        if (since !== null) await room.initial(definition);
      }
      const { maxLag } = this.options.limits;
      const cursor = new TokenCursor(room, definitions, { since, maxLag, presence });
      // The cursor has its snapshot: what lifecycle events change comes after it.
      presence.join(Origin.ofRequest(this.options, context));
      return cursor;
    } finally {
      release();
    }
  }

  /** The tasks of a token that are listed, then each change of one. */
  async subscribeToTasks(key: TokenKey, context: unknown): Promise<TaskCursor> {
    const { room, presence } = await this.#enter(key);
    const onEnd = () => presence.leave();
    const listing = this.#directory.listingOf(room);
    const list = () => listing.read();
    const cursor = new TaskCursor(room, { list, clock: this.options.clock, onEnd });
    presence.join(Origin.ofRequest(this.options, context));
    return cursor;
  }

  /**
   * Runs an event to its commit. Its follow-ups run after it; nobody waits for them here.
   *
   * @throws {@link ResourceExhaustedError}, and what its handler throws.
   */
  dispatch(
    key: TokenKey,
    call: EventCall,
    { context, isClient }: DispatchRequest,
  ): MaybePromise<EventResult> {
    assertNotNested(key, eventLabel(call.event));
    const origin = Origin.ofRequest(this.options, context);
    // Not awaited if it is there: who asks first is first in its queue.
    const entered = this.#enter(key);
    return entered instanceof Promise
      ? entered.then(({ room }) => this.#dispatchIn(room, call, { origin, isClient }))
      : this.#dispatchIn(entered.room, call, { origin, isClient });
  }

  #dispatchIn(
    room: TokenRoom,
    call: EventCall,
    { origin, isClient }: { readonly origin: Origin; readonly isClient: boolean },
  ): MaybePromise<EventResult> {
    if (!isClient) return this.#runEvent(room, call, { origin });
    const queue = room.queuedEvents;
    queue.assertRoom(1);
    return this.#runEvent(room, call, { origin, queue });
  }

  /**
   * Starts a background event's task; resolves when it runs, or waits for its turn.
   *
   * @throws {@link ResourceExhaustedError}, {@link ConcurrencyLimitError}
   */
  async start(key: TokenKey, call: EventCall, context: unknown): Promise<TaskInfo> {
    const { room } = await this.#enter(key);
    const origin = Origin.ofRequest(this.options, context);
    const task = await this.scheduler.start(room, call, origin);
    await task.whenAdmitted;
    return task;
  }

  /** Runs a handler as one transaction on a token; with a definition it gets that state, else the root. */
  async modifyState<T>(
    key: TokenKey,
    definition: StateDefinition | null,
    handler: (draft: object) => T | Promise<T>,
  ): Promise<T> {
    const habit = habitOf(handler);
    const run = (draft: object) => noteResult(handler(draft), habit);
    return this.#atHand(
      andThen(this.#lock(key, 'app.modifyState'), (lock) => {
        const open = () => (definition ? openState(lock, definition) : createLockRoot(lock));
        return holdLocks([lock], () => andThen(open(), run), habit);
      }),
    );
  }

  /** Holds several tokens' locks at once, taken in the order of their keys. Each token commits by itself. */
  async modifyAll<T>(
    keys: readonly TokenKey[],
    handler: (roots: object[]) => T | Promise<T>,
  ): Promise<T> {
    return this.#atHand(this.#modifyAll(keys, handler));
  }

  async #modifyAll<T>(
    keys: readonly TokenKey[],
    handler: (roots: object[]) => T | Promise<T>,
  ): Promise<T> {
    const locks = new Map<TokenKey, TokenLock>();
    try {
      for (const key of [...new Set(keys)].sort()) {
        locks.set(key, await this.#lock(key, 'app.modifyAll'));
      }
    } catch (error) {
      for (const lock of locks.values()) lock.release();
      throw error;
    }
    const roots = keys.map((key) => createLockRoot(locks.get(key) as TokenLock));
    const habit = habitOf(handler);
    return holdLocks([...locks.values()], () => noteResult(handler(roots), habit), habit);
  }

  /** The block form of {@link modifyState}; `site` says where it was asked for. */
  async modify(key: TokenKey, definition: StateDefinition, site?: string): Promise<object> {
    const lock = await this.#lock(key, 'app.modify', site);
    let onEnd = () => {};
    void this.#events.track(
      new Promise<void>((resolve) => {
        onEnd = resolve;
      }),
    );
    return openBlock(lock, definition, { logger: this.options.logger, onEnd });
  }

  /** See {@link TaskDirectory.list}. */
  tasksOf(key: TokenKey): Promise<TaskInfo[]> {
    return this.#directory.list(key);
  }

  /** See {@link TaskDirectory.cancel}. */
  cancel(task: PlaceHolder): Promise<TaskInfo> {
    return this.#directory.cancel(task);
  }

  /**
   * Takes nothing new, and waits up to `graceMs`: for events at hand, then for tasks, which
   * are told, after half of it at the latest. Cancels the tasks that are left, and closes
   * the store. Idempotent.
   */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#stopSweeping();
    for (const { presence } of this.#rooms) presence.stop();
    // At once: their grace is another process's.
    this.options.store.durable?.pause().catch(() => {});
    this.scheduler.handOver();
    const { clock } = this.options;
    const end = clock.now() + graceMs;
    const left = () => Math.max(0, end - clock.now());
    if (graceMs > 0) {
      // Tasks have their notice also if an event hangs, or they trigger events all the time.
      await this.#events.atHandWithin({ clock, ms: graceMs / 2 });
      this.scheduler.drain();
      await allSettledWithin([this.#events, this.work], { clock, ms: left() });
    }
    this.scheduler.stop();
    // A cancelled task's onExit still commits; a handler that ignores its signal is left behind.
    await allSettledWithin([this.#events, this.work], { clock, ms: 1_000 });
    await this.options.store.close();
  }

  async runFollowUp(room: TokenRoom, call: EventCall, origin: Origin): Promise<unknown> {
    const lasting = call.event.detached ? origin.lasting() : origin;
    const signal = lasting.parent?.fence ?? undefined;
    const queue = room.queuedFollowUps;
    return this.#runEvent(room, call, { origin: lasting, patient: true, queue, signal });
  }

  async roomOf(key: TokenKey): Promise<TokenRoom> {
    const { room } = await this.#rooms.of(key);
    return room;
  }

  /** Whether `onError` knows of this error already. */
  wasReported(error: unknown): boolean {
    return this.reporter.knows(error);
  }

  #runEvent(room: TokenRoom, call: EventCall, request: RunRequest): MaybePromise<EventResult> {
    const run = new EventRun(this, room, [call, request]);
    if (!isEventTraced()) return this.#atHand(run.run());
    const { state, name } = call.event;
    const message = { token: room.key, state: state.name, event: name };
    return this.#atHand(traceEvent(message, async () => run.run()));
  }

  /** Work of the server's own code, which is waited for like an event. */
  #atHand<T>(work: MaybePromise<T>): MaybePromise<T> {
    return work instanceof Promise ? this.#events.track(work) : work;
  }

  #runByItself(event: EventDefinition, room: TokenRoom, origin: Origin | null): void {
    if (this.#closing) return;
    const request = { origin: origin ?? Origin.ofServer(this.options), patient: true };
    // Its failure was reported where it happened.
    detach(async () => this.#runEvent(room, { event, args: {} }, request)).catch(() => {});
  }

  async #open(): Promise<void> {
    const { store, logger } = this.options;
    const inherited: [key: TokenKey, watched: readonly string[]][] = [];
    await store.open({
      logger,
      onInherit: (key, { tasks, watched }) => {
        if (tasks.length > 0) this.#lost.add(key, tasks);
        if (this.#isOpen) void this.#takeOver(key, watched);
        else inherited.push([key, watched]);
      },
      onDisowned: () => this.scheduler.disown(),
    });
    if (this.scheduler.durable) await store.durable?.start(this.scheduler.durable);
    this.#isOpen = true;
    void this.#takeOverAll(inherited);
  }

  /** So that the token's lost tasks are known, as those of this process. */
  async loadLost(key: TokenKey): Promise<void> {
    await this.opened;
    if (this.#lost.has(key)) await this.#rooms.of(key);
  }

  async #takeOverAll(
    inherited: readonly (readonly [key: TokenKey, watched: readonly string[]])[],
  ): Promise<void> {
    for (const [key, watched] of inherited) await this.#takeOver(key, watched);
  }

  /** Loads a token that a process has left, so that lost tasks have their `onExit` whether or not anybody comes. */
  async #takeOver(key: TokenKey, watched: readonly string[]): Promise<void> {
    if (this.#closing) return;
    try {
      const { room, presence } = await this.#rooms.of(key);
      // It may have been loaded before they were known.
      await this.scheduler.lose(room, this.#lost.take(key));
      presence.inherit(watched);
    } catch (error) {
      // One that cannot be loaded is in the log, and stops no other.
      if (!(error instanceof StoreUnavailableError)) return;
      this.options.clock.after(storeRetryMs, () => void this.#takeOver(key, watched));
    }
  }

  #lock(key: TokenKey, asker: string, site?: string): MaybePromise<TokenLock> {
    assertNotNested(key, asker);
    return andThen(this.#enter(key), ({ room }) => {
      const plan = (calls: readonly EventCall[]) =>
        this.scheduler.plan(room, calls, Origin.ofServer(this.options));
      return acquireLock(this.options, room, { label: asker, site, plan });
    });
  }

  /** The room for something that changes state; not awaited if it is there, see {@link Rooms.of}. */
  #enter(key: TokenKey): ReturnType<Rooms['of']> {
    if (this.#closing) throw new ShuttingDownError();
    return this.#rooms.of(key);
  }
}
