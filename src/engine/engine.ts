import { randomUUID } from 'node:crypto';
import { ShuttingDownError, UnknownTaskError } from '../errors/index.ts';
import type { EventDefinition, StateDefinition } from '../state/definitions.ts';
import { eventLabel } from '../state/event-label.ts';
import type { EventCall } from '../state/event-reference.ts';
import type { StateSnapshot } from '../state/snapshot.ts';
import { TokenCursor } from '../stream/token-cursor.ts';
import { settledWithin } from '../time/settled-within.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { acquireLock } from './acquire-lock.ts';
import { BackgroundTask, type TaskHost, type TaskInfo } from './background-task.ts';
import type { EngineOptions } from './engine-options.ts';
import { ErrorReporter } from './error-reporter.ts';
import { holdLocks } from './hold-lock.ts';
import { openBlock } from './lock-block.ts';
import { assertNotNested, detach } from './lock-context.ts';
import { createLockRoot } from './lock-root.ts';
import { Origin } from './origin.ts';
import { Rooms } from './rooms.ts';
import { runEvent } from './run-event.ts';
import { openState } from './state-draft.ts';
import { TaskRegistry } from './task-registry.ts';
import type { TokenLock } from './token-lock.ts';
import type { TokenRoom } from './token-room.ts';

/** What an event left behind. */
export interface EventResult {
  /** The event's state after its commit. */
  readonly state: StateSnapshot;
  /** The tasks that started after its commits. */
  readonly tasks: readonly BackgroundTask[];
}

/** What a subscription is to. */
export interface SubscribeRequest {
  readonly definitions: readonly StateDefinition[];
  /** A cursor of an earlier subscription, to resume from it. */
  readonly since: string | null;
  /** The request's context, for lifecycle events. */
  readonly context: unknown;
}

/** Whom an event acts for, and whether it waits for its lock as long as it takes. */
interface RunRequest {
  readonly origin: Origin;
  readonly patient?: boolean;
}

/**
 * Runs events and tasks on the states of tokens. Knows tokens by their keys,
 * and nothing of GraphQL.
 */
export class Engine implements TaskHost {
  readonly options: EngineOptions;
  readonly tasks: TaskRegistry;
  readonly #reporter: ErrorReporter;
  readonly #rooms: Rooms;
  readonly #running = new Set<Promise<unknown>>();
  #closing = false;
  /** From when the last tasks are cancelled: what ends then starts nothing. */
  #stopped = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.tasks = new TaskRegistry(options);
    this.#reporter = new ErrorReporter(options);
    this.#rooms = new Rooms(options, this.#reporter, (event, room, origin) =>
      this.#runByItself(event, room, origin),
    );
  }

  get closing(): boolean {
    return this.#closing;
  }

  keys(): Iterable<TokenKey> {
    return this.#rooms.keys;
  }

  /** Whether events or tasks are under way. */
  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Whether nothing but time moves on what is under way: no lock is held or asked for, all tasks sleep. */
  get resting(): boolean {
    for (const { room } of this.#rooms) if (room.queue.isLocked()) return false;
    return [...this.tasks.live].every((task) => task.sleeping);
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
    const { room, presence } = await this.#open(key);
    for (const definition of definitions) {
      await room.state(definition);
      // A cursor may come from before the first commit.
      if (since !== null) await room.initial(definition);
    }
    const { maxLag } = this.options.limits;
    const onEnd = () => presence.leave();
    const cursor = new TokenCursor(room, definitions, { since, maxLag, onEnd });
    // The cursor has its snapshot: what lifecycle events change comes after it.
    presence.join(Origin.ofRequest(this.options, context));
    return cursor;
  }

  /** Runs an event to its commit. Its follow-ups run after it; nobody waits for them here. */
  async dispatch(key: TokenKey, call: EventCall, context: unknown): Promise<EventResult> {
    assertNotNested(key, eventLabel(call.event));
    const opened = this.#open(key);
    const { room } = opened instanceof Promise ? await opened : opened;
    return this.#run(room, call, { origin: Origin.ofRequest(this.options, context) });
  }

  /** Starts a background event's task. */
  async start(key: TokenKey, call: EventCall, context: unknown): Promise<BackgroundTask> {
    const { room } = await this.#open(key);
    return this.#start(room, call, Origin.ofRequest(this.options, context));
  }

  /** Runs a handler as one transaction on a token; with a definition it gets that state, else the root. */
  async modifyState<T>(
    key: TokenKey,
    definition: StateDefinition | null,
    handler: (draft: object) => T | Promise<T>,
  ): Promise<T> {
    const lock = await this.#lock(key, 'app.modifyState');
    return holdLocks([lock], async () =>
      handler(definition ? await openState(lock, definition) : createLockRoot(lock)),
    );
  }

  /** Holds several tokens' locks at once, taken in the order of their keys. Each token commits by itself. */
  async modifyAll<T>(
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
    return holdLocks([...locks.values()], () => handler(roots));
  }

  /** The block form of {@link modifyState}; `site` says where it was asked for. */
  async modify(key: TokenKey, definition: StateDefinition, site?: string): Promise<object> {
    const lock = await this.#lock(key, 'app.modify', site);
    return openBlock(lock, definition, { logger: this.options.logger, onEnd: () => {} });
  }

  /** @throws {@link UnknownTaskError} */
  cancel(key: TokenKey, taskId: string): TaskInfo {
    this.tasks.find(key, taskId)?.cancel();
    const task = this.tasks.of(key).find(({ id }) => id === taskId);
    if (!task) throw new UnknownTaskError();
    return task;
  }

  /**
   * Takes nothing new, waits up to `graceMs` for events and tasks at hand,
   * cancels the tasks that are left, and closes the store. Idempotent.
   */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const { presence } of this.#rooms) presence.stop();
    await this.#settledWithin(graceMs);
    this.#stopped = true;
    for (const task of this.tasks.live) task.cancel();
    // A cancelled task's onExit still commits; a handler that ignores its signal is left behind.
    await this.#settledWithin(1_000);
    await this.options.store.close();
  }

  follow(room: TokenRoom, calls: readonly EventCall[], origin: Origin): BackgroundTask[] {
    const tasks: BackgroundTask[] = [];
    if (this.#stopped) return tasks;
    for (const call of calls) {
      if (call.event.kind === 'event') {
        // Its failure was reported where it happened.
        detach(() => this.#run(room, call, { origin, patient: true })).catch(() => {});
        continue;
      }
      try {
        tasks.push(this.#start(room, call, origin));
      } catch (error) {
        // The commit that triggered it stands.
        this.report(error, call.event, room.key, null);
      }
    }
    return tasks;
  }

  report(error: unknown, event: EventDefinition, key: TokenKey, taskId: string | null): void {
    this.#reporter.report(error, {
      state: event.state.name,
      event: event.name,
      computed: null,
      key,
      taskId,
    });
  }

  /** Whether `onError` knows of this error already. */
  wasReported(error: unknown): boolean {
    return this.#reporter.knows(error);
  }

  #run(room: TokenRoom, call: EventCall, request: RunRequest): Promise<EventResult> {
    return this.#track(this.#runEvent(room, call, request));
  }

  async #runEvent(
    room: TokenRoom,
    call: EventCall,
    { origin, patient }: RunRequest,
  ): Promise<EventResult> {
    const { event } = call;
    const tasks: BackgroundTask[] = [];
    try {
      const lock = await acquireLock(this.options, room, {
        label: eventLabel(event),
        patient,
        follow: (calls) => tasks.push(...this.follow(room, calls, origin)),
      });
      await runEvent(this.options, lock, { ...call, origin });
      return { state: lock.exitState(event.state), tasks };
    } catch (error) {
      this.report(error, event, room.key, null);
      throw error;
    }
  }

  #runByItself(event: EventDefinition, room: TokenRoom, origin: Origin | null): void {
    if (this.#closing) return;
    const request = { origin: origin ?? Origin.ofServer(this.options), patient: true };
    // Its failure was reported where it happened.
    detach(() => this.#run(room, { event, args: {} }, request)).catch(() => {});
  }

  #start(room: TokenRoom, call: EventCall, origin: Origin): BackgroundTask {
    const { event, args } = call;
    const run = { id: randomUUID(), event, origin: origin.forTask() };
    const task = new BackgroundTask(this, room, run);
    void this.#track(this.tasks.track(task, task.run(args)));
    return task;
  }

  async #lock(key: TokenKey, asker: string, site?: string): Promise<TokenLock> {
    assertNotNested(key, asker);
    const opened = this.#open(key);
    const { room } = opened instanceof Promise ? await opened : opened;
    const follow = (calls: readonly EventCall[]) => {
      this.follow(room, calls, Origin.ofServer(this.options));
    };
    return acquireLock(this.options, room, { label: asker, site, follow });
  }

  /** The room for something that changes state; not awaited if it is there, see {@link Rooms.of}. */
  #open(key: TokenKey): ReturnType<Rooms['of']> {
    if (this.#closing) throw new ShuttingDownError();
    return this.#rooms.of(key);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    const forget = () => this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Waits for events and tasks, also those they start, but no longer than `ms`. */
  async #settledWithin(ms: number): Promise<void> {
    await settledWithin(this.#settled(), { clock: this.options.clock, ms });
  }

  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
