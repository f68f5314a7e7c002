import { StoreOutcomeError, TaskCancelledError, TaskLostError } from '../../errors/index.ts';
import type { EventDefinition, OnExitFunction, TaskExit } from '../../state/definitions.ts';
import { eventLabel } from '../../state/event-label.ts';
import type { EndedTask } from '../../store/stored-task.ts';
import type { MaybePromise } from '../../time/at-once.ts';
import { acquireLock } from '../acquire-lock.ts';
import type { EngineOptions } from '../engine-options.ts';
import { holdLocks } from '../hold-lock.ts';
import { runHandler } from '../run-handler.ts';
import { openState } from '../state-draft.ts';
import { isPassingInTime, storeRetry } from '../store-retry.ts';
import { unknownHabit } from '../synchronous.ts';
import type { LockRequest, TokenLock } from '../token-lock.ts';
import type { TokenRoom } from '../token-room.ts';

/** The task that ends. */
interface EndingTask {
  readonly event: EventDefinition;
  readonly room: TokenRoom;
  readonly options: EngineOptions;
  readonly isDurable: boolean;
  readonly plan: LockRequest['plan'];
  /** The locks that its handler has not left; some may be lost. */
  locks(): readonly TokenLock[];
}

/**
 * The end of a task: its `onExit`, and its record. Tried again while the store cannot,
 * as long as nothing of it is stored; stored once, since the first commit of it takes
 * the task off the record.
 */
export class TaskEnd {
  readonly #task: EndingTask;
  #isUnsure = false;
  #isCancelled = false;
  #onTried = () => {};
  /** Resolves when it is over, or waits for the store. */
  readonly whenTried = new Promise<void>((resolve) => {
    this.#onTried = resolve;
  });

  constructor(task: EndingTask) {
    this.#task = task;
  }

  /** Whether it may be stored without an answer. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /** Whether it is not stored as it was, since the task was cancelled before. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Resolves when it is stored; throws what another attempt would not mend. */
  async run(exit: TaskExit, ended: EndedTask): Promise<void> {
    const { onExit } = this.#task.event;
    try {
      await this.#whileAway(ended, () =>
        onExit ? this.#runOnExit(onExit, exit, ended) : this.#takeOff(ended),
      );
    } finally {
      this.#onTried();
    }
  }

  /** Takes the task off the record without its `onExit`; as cancelled, if it was meanwhile. */
  async takeOff(ended: EndedTask): Promise<void> {
    try {
      await this.#whileAway(ended, () => this.#takeOff(ended));
    } catch (error) {
      if (!(error instanceof TaskCancelledError)) throw error;
      const ending = { ...ended.ending, outcome: 'CANCELLED', error: null } as const;
      await this.#whileAway(ended, () => this.#takeOff({ ...ended, ending }));
    } finally {
      this.#onTried();
    }
  }

  /** Again and again while the store cannot; `attempt` resolves to why, or to null when it is done. */
  async #whileAway(ended: EndedTask, attempt: () => Promise<Error | null>): Promise<void> {
    const { event, options } = this.#task;
    for (let isFirst = true; ; isFirst = false) {
      const failure = await attempt();
      if (!failure) return;
      this.#isUnsure ||= failure instanceof StoreOutcomeError;
      const message = `the end of the task ${eventLabel(event)} cannot be stored yet`;
      if (isFirst) options.logger.warn({ err: failure, taskId: ended.record.id }, message);
      this.#onTried();
      await storeRetry(options.clock);
    }
  }

  async #runOnExit(
    onExit: OnExitFunction,
    exit: TaskExit,
    ended: EndedTask,
  ): Promise<Error | null> {
    const { event, room, options, plan } = this.#task;
    const label = `onExit of ${eventLabel(event)}`;
    const request = { label, patient: true, plan, endedTask: ended };
    const lock = await passing(acquireLock(options, room, request));
    return lock instanceof Error ? lock : this.#exitIn(lock, onExit, exit);
  }

  async #exitIn(lock: TokenLock, onExit: OnExitFunction, exit: TaskExit): Promise<Error | null> {
    try {
      await holdLocks(
        [lock],
        async () => {
          const draft = await openState(lock, this.#task.event.state);
          await runHandler(onExit(draft as never, exit), lock);
        },
        unknownHabit,
      );
      return null;
    } catch (error) {
      // What is stored of it is not done again; what the handler threw is not the store's.
      const { failure, hasStored } = lock;
      this.#isCancelled = failure instanceof TaskCancelledError;
      // That its process was taken for gone is nothing to a durable task, once it has another name.
      const isOthers = this.#task.isDurable && failure instanceof TaskLostError;
      if (failure && (isPassingInTime(failure) || isOthers) && !hasStored) return failure;
      throw error;
    }
  }

  async #takeOff(ended: EndedTask): Promise<Error | null> {
    const { room, options } = this.#task;
    // A commit that is in the store's hands needs its task to be on record.
    for (const lock of this.#task.locks()) await lock.whenPassedOn();
    const changes = { started: [], ended: [ended] };
    const taken = passing(options.store.trackTasks(room.key, changes));
    taken.catch((error: unknown) => {
      this.#isCancelled = error instanceof TaskCancelledError;
    });
    return (await taken) ?? null;
  }
}

/** What comes of the work, or its failure if that is the store's and may pass. */
async function passing<T>(work: MaybePromise<T>): Promise<T | Error> {
  try {
    return await work;
  } catch (error) {
    if (isPassingInTime(error)) return error;
    throw error;
  }
}
