import { randomUUID } from 'node:crypto';
import { ShuttingDownError } from '../errors/index.ts';
import type { EventDefinition } from '../state/definitions.ts';
import { eventLabel } from '../state/event-label.ts';
import type { EventCall } from '../state/event-reference.ts';
import type { TaskRecord } from '../store/state-store.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { BackgroundTask, type TaskHost, type TaskInfo } from './background-task.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EventFailure } from './error-reporter.ts';
import type { FollowUps } from './follow-ups.ts';
import { detach } from './lock-context.ts';
import { Origin } from './origin.ts';
import { TaskRegistry } from './task-registry.ts';
import type { TokenRoom } from './token-room.ts';
import type { Work } from './work.ts';

/** What was triggered, with the tasks among it. */
export interface PlannedFollowUps extends FollowUps {
  readonly live: readonly BackgroundTask[];
}

/** What the scheduler needs of the engine. */
export interface SchedulerHost {
  readonly options: EngineOptions;
  readonly work: Work;
  /** Runs a follow-up event; its failure is reported where it happens. */
  runFollowUp(room: TokenRoom, call: EventCall, origin: Origin): Promise<unknown>;
  report(error: unknown, failure: EventFailure): void;
}

/** Starts what runs after commits: follow-up events and tasks. A task is on the store's record before it runs. */
export class Scheduler implements TaskHost {
  readonly options: EngineOptions;
  readonly tasks: TaskRegistry;
  readonly #host: SchedulerHost;
  /** What ends from now on starts nothing. */
  #stopped = false;

  constructor(host: SchedulerHost) {
    this.#host = host;
    this.options = host.options;
    this.tasks = new TaskRegistry(host.options);
  }

  /** Starts a task that no commit triggered. */
  async start(
    room: TokenRoom,
    { event, args }: EventCall,
    origin: Origin,
  ): Promise<BackgroundTask> {
    const task = this.#create(room, event, origin);
    await this.#host.work.track(this.#record([task]));
    if (this.#stopped) {
      await this.#forget(room.key, task.id);
      throw new ShuttingDownError();
    }
    this.#run(task, args);
    return task;
  }

  plan(room: TokenRoom, calls: readonly EventCall[], origin: Origin): PlannedFollowUps {
    const live: BackgroundTask[] = [];
    const steps: (() => void)[] = [];
    for (const { event, args } of this.#stopped ? [] : calls) {
      if (event.kind === 'event') {
        steps.push(() => this.#runEvent(room, { event, args }, origin));
        continue;
      }
      try {
        const task = this.#create(room, event, origin);
        live.push(task);
        steps.push(() => this.#run(task, args));
      } catch (error) {
        // The commit that triggered it stands.
        this.report(error, { event, key: room.key });
      }
    }
    const run = () => {
      for (const step of steps) step();
    };
    return { tasks: live.map(({ record }) => record), live, run };
  }

  follow(room: TokenRoom, calls: readonly EventCall[], origin: Origin): void {
    const { live, run } = this.plan(room, calls, origin);
    if (live.length === 0) {
      run();
      return;
    }
    const onFailure = (error: unknown) => {
      for (const { event, key, id } of live) this.report(error, { event, key, taskId: id });
    };
    void this.#host.work.track(this.#record(live).then(run, onFailure));
  }

  /** Ends tasks of a process that is gone; resolves when their `onExit` has run, or waits for the store. */
  async lose(room: TokenRoom, records: readonly TaskRecord[]): Promise<void> {
    const ended = records.map((record) => {
      const event = this.options.definitions.get(record.state)?.events.get(record.event);
      if (!event) return this.#tellOfOrphan(record);
      const { id: taskId } = record;
      this.options.logger.warn(
        { taskId },
        `the task of ${eventLabel(event)} is LOST: its process is gone`,
      );
      const origin = Origin.ofTask(this.options, record.context);
      const task = new BackgroundTask(this, room, { record, event, origin });
      void this.#track(task, task.lose());
      return task.whenTried;
    });
    await Promise.all(ended);
  }

  /** What is known of a task that runs elsewhere; nothing if the schema does not have its event. */
  describe(key: TokenKey, { id, state, event: name, startedAt }: TaskRecord): TaskInfo[] {
    const event = this.options.definitions.get(state)?.events.get(name);
    if (!event) return [];
    return [{ id, key, event, status: 'RUNNING', error: null, startedAt, endedAt: null }];
  }

  /** The tasks that run are not this process's any more. */
  disown(): void {
    for (const task of this.tasks.live) task.disown();
  }

  /** It stays on record: the event may come back, or its token expires. */
  #tellOfOrphan({ id, state, event }: TaskRecord): void {
    const name = `${state}.${event}`;
    this.options.logger.warn(
      { taskId: id },
      `a task of ${name} is LOST, which the schema has no more: its onExit waits for it to come back`,
    );
  }

  /** Cancels every task; from here on nothing is started. */
  stop(): void {
    this.#stopped = true;
    for (const task of this.tasks.live) task.cancel();
  }

  report(error: unknown, failure: EventFailure): void {
    this.#host.report(error, failure);
  }

  #runEvent(room: TokenRoom, call: EventCall, origin: Origin): void {
    // Its failure was reported where it happened.
    detach(() => this.#host.runFollowUp(room, call, origin)).catch(() => {});
  }

  #create(room: TokenRoom, event: EventDefinition, from: Origin): BackgroundTask {
    const origin = from.forTask();
    const record = {
      id: randomUUID(),
      state: event.state.name,
      event: event.name,
      startedAt: this.options.clock.now(),
      context: origin.taskContext,
    };
    return new BackgroundTask(this, room, { record, event, origin });
  }

  async #record(tasks: readonly BackgroundTask[]): Promise<void> {
    for (const { key, record } of tasks) {
      await this.options.store.trackTasks(key, { started: [record], ended: [] });
    }
  }

  async #forget(key: TokenKey, taskId: string): Promise<void> {
    try {
      await this.options.store.trackTasks(key, { started: [], ended: [taskId] });
    } catch (error) {
      this.options.logger.error({ err: error, taskId }, 'taking a task off the record failed');
    }
  }

  /** One that comes too late stays on record: it is lost. */
  #run(task: BackgroundTask, args: EventCall['args']): void {
    if (!this.#stopped) void this.#track(task, task.run(args));
  }

  #track(task: BackgroundTask, done: Promise<void>): Promise<void> {
    return this.#host.work.track(this.tasks.track(task, done));
  }
}
