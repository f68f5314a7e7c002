import { ShuttingDownError } from '../../errors/index.ts';
import type { EventDefinition } from '../../state/definitions.ts';
import { eventLabel } from '../../state/event-label.ts';
import type { EventCall } from '../../state/event-reference.ts';
import type { StoredTask, TaskMemory, TaskRecord } from '../../store/stored-task.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { settle } from '../../values/settle.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { ErrorReporter, EventFailure } from '../error-reporter.ts';
import type { FollowUps } from '../follow-ups.ts';
import { detach } from '../lock-context.ts';
import { Origin } from '../origin.ts';
import type { TokenRoom } from '../token-room.ts';
import type { Work } from '../work.ts';
import { BackgroundTask, type Follower, type TaskHost } from './background-task.ts';
import { DurableRuns, type RunsHost } from './durable-runs.ts';
import { noTries } from './task-attempt.ts';
import { newTaskId } from './task-id.ts';
import { infoOf, type TaskInfo } from './task-info.ts';
import { type PlacesHost, type PlaceTicket, TaskPlaces } from './task-places.ts';
import { TaskRegistry } from './task-registry.ts';

/** What was triggered, with the tasks among it. */
export interface PlannedFollowUps extends FollowUps {
  readonly live: readonly BackgroundTask[];
}

/** What the scheduler needs of the engine. */
export interface SchedulerHost {
  readonly options: EngineOptions;
  readonly work: Work;
  readonly reporter: ErrorReporter;
  /** Runs a follow-up event; its failure is reported where it happens. */
  runFollowUp(room: TokenRoom, call: EventCall, origin: Origin): Promise<unknown>;
  readonly cancel: PlacesHost['cancel'];
  /** The room of a token, loaded. */
  roomOf(key: TokenKey): Promise<TokenRoom>;
}

/** A task that is to start, with what is stored of it. */
interface NewTask {
  readonly task: BackgroundTask;
  /** Set if it is durable. */
  readonly memory: TaskMemory | null;
}

/** Starts what runs after commits: follow-up events and tasks. A task is on the store's record before it runs. */
export class Scheduler implements TaskHost {
  readonly options: EngineOptions;
  readonly tasks: TaskRegistry;
  readonly #host: SchedulerHost;
  readonly places: TaskPlaces;
  /** Null if the store has no durable tasks. */
  readonly durable: DurableRuns | null;
  /** Of the latest task. */
  #createdAt = 0;
  /** What starts from now on is told at once. */
  #draining = false;
  /** What ends from now on starts nothing. */
  #stopped = false;

  constructor(host: SchedulerHost) {
    this.#host = host;
    this.options = host.options;
    this.tasks = new TaskRegistry(host.options.limits);
    this.places = new TaskPlaces(host);
    const { durable } = host.options.store;
    this.durable = durable && new DurableRuns(this.#runsHost(), durable);
  }

  /**
   * Starts a task that no commit triggered.
   *
   * @throws {@link ResourceExhaustedError}, {@link ValueNotStorableError}
   */
  async start(room: TokenRoom, call: EventCall, origin: Origin): Promise<BackgroundTask> {
    this.tasks.assertRoom(room, 1);
    const created = this.#create(room, call, origin);
    const { task } = created;
    const drop = this.tasks.add(room, task);
    try {
      await this.#host.work.track(this.#record(created));
      if (this.#stopped) {
        await this.#forget(task);
        throw new ShuttingDownError();
      }
    } catch (error) {
      drop();
      throw error;
    }
    this.#run(room, task, { args: call.args, drop });
    return task;
  }

  /**
   * @throws {@link ResourceExhaustedError} if there is no room for so much,
   * {@link ValueNotStorableError} if a durable task could not be stored.
   */
  plan(room: TokenRoom, calls: readonly EventCall[], origin: Origin): PlannedFollowUps {
    const created: NewTask[] = [];
    const events: (() => void)[] = [];
    const starts: (() => void)[] = [];
    const drops: (() => void)[] = [];
    // A durable task is for others to run.
    const wanted = this.#stopped ? calls.filter(({ event }) => event.policy.durable) : calls;
    const eventCount = wanted.filter(({ event }) => event.kind === 'event').length;
    if (eventCount > 0) room.queuedFollowUps.assertRoom(eventCount);
    if (eventCount < wanted.length) this.tasks.assertRoom(room, wanted.length - eventCount);
    for (const call of wanted) {
      const { event, args } = call;
      if (event.kind === 'event') {
        events.push(() => this.#runEvent(room, call, origin));
        continue;
      }
      try {
        const made = this.#create(room, call, origin);
        const { task } = made;
        const drop = this.tasks.add(room, task);
        created.push(made);
        drops.push(drop);
        starts.push(() => this.#run(room, task, { args, drop }));
      } catch (error) {
        // A durable task begins with the commit that triggers it, or there is none.
        if (event.policy.durable) {
          for (const each of drops) each();
          throw error;
        }
        // The commit that triggered it stands.
        this.report(error, { event, key: room.key });
      }
    }
    const run = () => {
      // Tasks begin with the commit that has triggered them, before an event beside them has one.
      for (const step of [...starts, ...events]) step();
    };
    const drop = () => {
      for (const each of drops) each();
    };
    const live = created.map(({ task }) => task);
    return {
      tasks: live.map(({ record }) => record),
      memories: memoriesOf(created),
      live,
      run,
      drop,
    };
  }

  follow(
    room: TokenRoom,
    calls: readonly EventCall[],
    { origin, by, isSeenTo }: Follower,
  ): Promise<void> {
    const { live, memories, run, drop } = this.plan(room, calls, origin);
    if (live.length === 0 && !by) {
      run();
      return Promise.resolve();
    }
    const started = live.map(({ record }) => record);
    const recorded = this.options.store.trackTasks(room.key, {
      ...{ started, ended: [], saved: memories, by },
    });
    const onFailure = (error: unknown) => {
      drop();
      const [task] = live;
      if (isSeenTo(error)) return;
      for (const { event } of calls) this.report(error, { event, key: room.key, taskId: task?.id });
    };
    return this.#host.work.track(recorded.then(run, onFailure));
  }

  /** Ends tasks of a process that is gone; resolves when their `onExit` has run, or waits for the store. */
  async lose(room: TokenRoom, left: readonly StoredTask[]): Promise<void> {
    const ended = left.map((stored) => {
      const { record } = stored;
      const event = this.#eventOf(record);
      if (!event) return this.#tellOfOrphan(record);
      const { id: taskId } = record;
      this.options.logger.warn(
        { taskId },
        `the task of ${eventLabel(event)} is LOST: its process is gone`,
      );
      const origin = Origin.ofTask(this.options, record.context);
      const task = new BackgroundTask(this, room, {
        ...{ record, event, origin },
        ...{ ticket: null, attempt: null },
      });
      void this.#track(task, task.lose(stored), this.tasks.add(room, task));
      return task.whenTried;
    });
    await Promise.all(ended);
  }

  /** What the store says of a task; nothing if the schema does not have its event. */
  describe(key: TokenKey, stored: StoredTask): TaskInfo[] {
    const event = this.#eventOf(stored.record);
    return event ? [infoOf(key, event, stored)] : [];
  }

  /** The tasks that run are not this process's any more. */
  disown(): void {
    for (const task of this.tasks.live) task.disown();
  }

  /** Tells every task that the server is about to stop. */
  drain(): void {
    this.#draining = true;
    for (const task of this.tasks.live) task.drain();
  }

  /** Ends every task here: a durable one is handed over, others are cancelled. From here on nothing is started. */
  stop(): void {
    this.#stopped = true;
    for (const task of this.tasks.live) task.abandon();
  }

  /** Hands every durable task over, also one that begins from now on: others go on with them at once. */
  handOver(): void {
    this.durable?.stop();
    for (const task of this.tasks.live) if (task.record.durable) task.abandon();
  }

  report(error: unknown, failure: EventFailure): void {
    this.#host.reporter.reportEvent(error, failure);
  }

  #eventOf({ state, event }: TaskRecord): EventDefinition | undefined {
    return this.options.definitions.get(state)?.events.get(event);
  }

  /** It stays on record: the event may come back, or its token expires. */
  #tellOfOrphan({ id, state, event }: TaskRecord): void {
    const name = `${state}.${event}`;
    this.options.logger.warn(
      { taskId: id },
      `a task of ${name} is LOST, which the schema has no more: its onExit waits for it to come back`,
    );
  }

  #runEvent(room: TokenRoom, call: EventCall, origin: Origin): void {
    // Its failure was reported where it happened.
    detach(() => this.#host.runFollowUp(room, call, origin)).catch(() => {});
  }

  #create(room: TokenRoom, { event, args }: EventCall, from: Origin): NewTask {
    const origin = from.forTask();
    const now = this.options.clock.now();
    // A little later than the one before: they are listed in that order.
    this.#createdAt = Math.max(now, this.#createdAt + 0.001);
    const { concurrency, durable } = event.policy;
    const id = newTaskId();
    const context = origin.taskContext;
    const waits = concurrency !== null || durable !== null;
    const record: TaskRecord = {
      ...{ id, state: event.state.name, event: event.name },
      ...{ parent: origin.parent?.id ?? null, context },
      ...(durable ? { attempt: 0, durable: noTries } : { attempt: 1 }),
      ...{ createdAt: this.#createdAt, startedAt: waits ? null : now },
      ...{ progress: null, message: null },
    };
    const memory = durable ? memoryOf(id, args) : null;
    const ticket = this.#ticket(room.key, event, { id, args, context });
    const run = { record, event, origin, ticket, attempt: null };
    return { task: new BackgroundTask(this, room, run), memory };
  }

  #ticket(
    key: TokenKey,
    event: EventDefinition,
    { id, args, context }: Pick<TaskRecord, 'id' | 'context'> & Pick<EventCall, 'args'>,
  ): PlaceTicket | null {
    const { concurrency } = event.policy;
    if (!concurrency) return null;
    return this.places.request({ event, concurrency, args, context, holder: { key, id } });
  }

  #runsHost(): RunsHost {
    return {
      options: this.options,
      tasks: this,
      room: (key) => this.#host.roomOf(key),
      eventOf: ({ task: { record } }) => this.#eventOf(record),
      ticketOf: (key, event, { task: { record }, memory }) =>
        this.#ticket(key, event, { ...record, args: memory.args }),
      isHere: (key, id) => this.tasks.find(key, id) !== undefined,
      work: this.#host.work,
      track: (room, task, done) => {
        const drop = this.tasks.add(room, task);
        void this.#track(task, done(), drop);
      },
    };
  }

  async #record(created: NewTask): Promise<void> {
    const { key, record } = created.task;
    const saved = memoriesOf([created]);
    await this.options.store.trackTasks(key, { started: [record], ended: [], saved });
  }

  async #forget({ key, record }: BackgroundTask): Promise<void> {
    const { clock, store, logger } = this.options;
    const ending = { outcome: 'CANCELLED', endedAt: clock.now(), error: null } as const;
    try {
      await store.trackTasks(key, { started: [], ended: [{ record, ending, listedMs: 0 }] });
    } catch (error) {
      const message = 'taking a task off the record failed';
      logger.error({ err: error, taskId: record.id }, message);
    }
  }

  /** One that comes too late stays on record: it is lost. */
  #run(
    room: TokenRoom,
    task: BackgroundTask,
    { args, drop }: { readonly args: EventCall['args']; readonly drop: () => void },
  ): void {
    if (this.#stopped) {
      drop();
      return;
    }
    const { durable } = this;
    const done = task.record.durable && durable ? durable.wait(room, task) : task.run(args);
    void this.#track(task, done, drop);
    if (this.#draining) task.drain();
  }

  #track(task: BackgroundTask, done: Promise<void>, drop: () => void): Promise<void> {
    return this.#host.work.track(this.tasks.track(task, done).finally(drop));
  }
}

/** @throws {@link ValueNotStorableError} */
function memoryOf(id: string, args: EventCall['args']): TaskMemory {
  const settled = settle(args, ['args']) as TaskMemory['args'];
  return { id, args: settled, checkpoint: null, attempt: 0 };
}

function memoriesOf(tasks: readonly NewTask[]): TaskMemory[] {
  return tasks.flatMap(({ memory }) => memory ?? []);
}
