import { StatewireError, TaskInterruptedError } from '../../errors/index.ts';
import type { Durability, EventDefinition } from '../../state/definitions.ts';
import { eventLabel } from '../../state/event-label.ts';
import type { DurableHost, DurableTask, DurableTasks } from '../../store/durable-tasks.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { EngineOptions } from '../engine-options.ts';
import { Fence } from '../fence.ts';
import { Origin } from '../origin.ts';
import { isPassingInTime, storeRetry, storeRetryMs } from '../store-retry.ts';
import type { TokenRoom } from '../token-room.ts';
import type { Work } from '../work.ts';
import { BackgroundTask, type TaskHost, type TaskRun } from './background-task.ts';
import { TaskAttempt } from './task-attempt.ts';
import type { PlaceTicket } from './task-places.ts';

/** What runs of durable tasks need of the engine. */
export interface RunsHost {
  readonly options: EngineOptions;
  readonly tasks: TaskHost;
  room(key: TokenKey): Promise<TokenRoom>;
  /** The event of a task; undefined if the schema does not have it. */
  eventOf(task: DurableTask): EventDefinition | undefined;
  ticketOf(key: TokenKey, event: EventDefinition, task: DurableTask): PlaceTicket | null;
  /** Whether the task is under way in this process. */
  isHere(key: TokenKey, id: string): boolean;
  /** What the server waits for when it closes. */
  readonly work: Work;
  /** Knows the task, and counts it as work, until `done` resolves. */
  track(room: TokenRoom, task: BackgroundTask, done: () => Promise<void>): void;
}

/** When a task is tried again that cannot be run here and now, in ms. */
const elsewhereMs = 2_000;

/** When a task is tried again whose token cannot be used, in ms: until somebody mends it. */
const brokenMs = 60_000;

/** Of tasks whose event was durable when they were triggered, and is not any more. */
const formerDurability: Durability = { attempts: 1, backoffMs: 0 };

/** Never aborts. */
const never = new Fence();

/** Runs durable tasks for the store, and finds their turn for those that wait. */
export class DurableRuns implements DurableHost {
  readonly #host: RunsHost;
  readonly #store: DurableTasks;
  /** Names of events that the schema lacks, once each. */
  readonly #unknown = new Set<string>();
  /** How many are found, handed over, or on their way to their handlers. */
  #moving = 0;
  #stopped = false;

  constructor(host: RunsHost, store: DurableTasks) {
    this.#host = host;
    this.#store = store;
  }

  /** Runs nothing from now on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether something is under way that is no task's run. */
  get isMoving(): boolean {
    return this.#moving > 0;
  }

  async run(key: TokenKey, id: string): Promise<number | null> {
    try {
      const task = await this.#move(() => this.#begin(key, id));
      return task instanceof BackgroundTask ? await task.whenLeft : task;
    } catch (error) {
      return this.#after(error, key, id);
    }
  }

  onFound(key: TokenKey, id: string): void {
    // What is wrong with it shows again when it is to run.
    void this.#move(() => this.#find(key, id).catch(() => this.#handOver(key, id)));
  }

  /** Passes a task on record on, when its turn has come. */
  wait(room: TokenRoom, task: BackgroundTask): Promise<void> {
    return task.wait(() => this.#handOver(room.key, task.id));
  }

  /** Sees to the end of a task that was cancelled, unless somebody runs it, who does. */
  async cancel(key: TokenKey, id: string): Promise<void> {
    const { clock, logger, store } = this.#host.options;
    try {
      while (!(await this.#store.withdraw(key, id))) {
        await storeRetry(clock);
        // Whoever runs it may not have heard, or have just left it to the next attempt.
        if (!(await store.cancelTask(key, id))) return;
      }
      const againInMs = await this.run(key, id);
      if (againInMs !== null) await this.#handOver(key, id);
    } catch (error) {
      // It is found again, and ends then.
      logger.debug({ err: error, taskId: id }, 'a cancelled task waits for its end');
    }
  }

  /** The next attempt, which has begun; or in how many ms there may be one, or null. */
  async #begin(key: TokenKey, id: string): Promise<BackgroundTask | number | null> {
    const room = await this.#host.room(key);
    const known = await this.#store.read(key, id);
    if (!known) return null;
    const event = this.#host.eventOf(known);
    if (!event) return this.#tellOfUnknown(known);
    const ticket = this.#host.ticketOf(key, event, known);
    const mayRun = known.task.cancelledAt !== null || !ticket || (await hasTurn(ticket));
    // Its place was lost: it waits without keeping others from running.
    if (!mayRun) return elsewhereMs;
    if (this.#stopped) return 0;
    const claimed = await this.#store.claim(key, id);
    if (!claimed) {
      // It has ended meanwhile, and may have left before it was looked for.
      await ticket?.giveUp();
      return null;
    }
    // When the one before it began is nothing to this one.
    const record = { ...claimed.task.record, startedAt: null };
    const durability = event.policy.durable ?? formerDurability;
    const attempt = new TaskAttempt(durability, record, claimed.memory);
    const task = this.#create(room, { record, event, ticket, attempt });
    this.#host.track(room, task, () => this.#attempt(task, attempt, claimed));
    if (this.#stopped) task.abandon();
    return task;
  }

  #attempt(
    task: BackgroundTask,
    attempt: TaskAttempt,
    { task: stored }: DurableTask,
  ): Promise<void> {
    if (stored.cancelledAt !== null) return task.lose(stored);
    const { interruptions } = attempt;
    if (interruptions <= this.#host.options.limits.interruptionsPerTask) {
      return task.run(attempt.args);
    }
    return task.fail(new TaskInterruptedError(eventLabel(task.event), interruptions));
  }

  async #move<T>(work: () => Promise<T>): Promise<T> {
    this.#moving += 1;
    try {
      return await this.#host.work.track(work());
    } finally {
      this.#moving -= 1;
    }
  }

  async #find(key: TokenKey, id: string): Promise<void> {
    if (this.#host.isHere(key, id)) return;
    const room = await this.#host.room(key);
    const found = await this.#store.read(key, id);
    if (!found || this.#stopped || this.#host.isHere(key, id)) return;
    const { record, cancelledAt } = found.task;
    const event = this.#host.eventOf(found);
    const ticket = event && cancelledAt === null && this.#host.ticketOf(key, event, found);
    if (!ticket) return this.#handOver(key, id);
    const task = this.#create(room, { record, event, ticket, attempt: null });
    this.#host.track(room, task, () => this.wait(room, task));
  }

  #create(room: TokenRoom, run: Omit<TaskRun, 'origin'>): BackgroundTask {
    const origin = Origin.ofTask(this.#host.options, run.record.context);
    return new BackgroundTask(this.#host.tasks, room, { ...run, origin });
  }

  async #handOver(key: TokenKey, id: string): Promise<void> {
    try {
      await this.#store.handOver(key, id);
    } catch (error) {
      // It is on record: it will be found.
      this.#host.options.logger.debug({ err: error, taskId: id }, 'a task was not handed over');
    }
  }

  /** After how many ms a task is to be run again that could not be. */
  #after(error: unknown, key: TokenKey, id: string): number {
    if (isPassingInTime(error)) return storeRetryMs;
    const message = 'a durable task cannot be run: it is tried again';
    // Of a token that cannot be loaded the log knows more.
    const level = error instanceof StatewireError ? 'warn' : 'error';
    this.#host.options.logger[level]({ err: error, key, taskId: id }, message);
    return brokenMs;
  }

  #tellOfUnknown({ task: { record } }: DurableTask): number {
    const name = `${record.state}.${record.event}`;
    if (!this.#unknown.has(name)) {
      this.#unknown.add(name);
      const message = `a durable task of ${name} waits: this schema has no such event, another node may`;
      this.#host.options.logger.warn({ taskId: record.id }, message);
    }
    return elsewhereMs;
  }
}

/** Whether a task has its place, and may run now. */
async function hasTurn(ticket: PlaceTicket): Promise<boolean> {
  const place = await ticket.take(never);
  place.handOver();
  return place.isItsTurn;
}
