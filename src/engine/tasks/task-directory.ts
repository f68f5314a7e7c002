import { UnknownTaskError } from '../../errors/index.ts';
import type { EventDefinition } from '../../state/definitions.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { EngineOptions } from '../engine-options.ts';
import { untilPossible } from '../store-retry.ts';
import type { TokenRoom } from '../token-room.ts';
import type { PlaceHolder } from './place-list.ts';
import type { Scheduler } from './scheduler.ts';
import { hasEndedByItself, isUnderWay, type TaskInfo } from './task-info.ts';
import { TaskListing } from './task-listing.ts';

/** What the directory needs of the engine. */
interface DirectoryHost {
  readonly options: EngineOptions;
  readonly scheduler: Scheduler;
  readonly closing: boolean;
  /** Resolves when the store can be used. */
  readonly opened: Promise<void>;
  /** Resolves when the token's lost tasks are known, as those of this process. */
  loadLost(key: TokenKey): Promise<void>;
}

/** What ids of tasks look like. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The tasks of tokens, on whatever node they run or ran: who asks for them finds and cancels them here. */
export class TaskDirectory {
  readonly #host: DirectoryHost;
  readonly #listings = new WeakMap<TokenRoom, TaskListing>();

  constructor(host: DirectoryHost) {
    this.#host = host;
  }

  /** A token's tasks, oldest first: those that run, and those that have ended lately. */
  async list(key: TokenKey): Promise<TaskInfo[]> {
    const { clock, limits } = this.#host.options;
    const since = clock.now() - limits.finishedTaskTtlMs;
    const tasks = await this.#listAll(key);
    return tasks.filter(({ endedAt }) => endedAt === null || endedAt > since);
  }

  /** The same with all that ended just now, however short they are listed: for whoever follows them. */
  listingOf(room: TokenRoom): TaskListing {
    let listing = this.#listings.get(room);
    if (!listing) {
      listing = new TaskListing(room, () => this.#listAll(room.key));
      this.#listings.set(room, listing);
    }
    return listing;
  }

  /**
   * Ends a task: when it resolves, it can store nothing more. Does nothing to one that
   * has ended.
   *
   * @throws {@link UnknownTaskError}
   */
  async cancel({ key, id }: PlaceHolder): Promise<TaskInfo> {
    // Whatever else a client sends is no task's, and may be anything to a store.
    if (!uuid.test(id)) throw new UnknownTaskError();
    const { options, scheduler } = this.#host;
    const own = scheduler.tasks.find(key, id);
    if (own && hasEndedByItself(own)) return own;
    own?.cancel();
    try {
      await this.#host.opened;
      await options.store.cancelTask(key, id);
    } catch (error) {
      // It is fenced here already, and its end is stored as soon as the store is back.
      if (!own) throw error;
    }
    if (own) return own;
    const task = (await this.#listAll(key)).find((each) => each.id === id);
    if (!task) throw new UnknownTaskError();
    // Nobody need run it now.
    if (!hasEndedByItself(task)) void scheduler.durable?.cancel(key, id);
    return task;
  }

  /** Cancels the token's tasks of an event. Nobody waits for it: it is tried until the store can. */
  async cancelAll(event: EventDefinition, { key }: TokenRoom): Promise<void> {
    const { clock, logger } = this.#host.options;
    const cancelThem = async (): Promise<void> => {
      if (this.#host.closing) return;
      const tasks = await this.list(key);
      const running = tasks.filter((task) => task.event === event && isUnderWay(task));
      await Promise.all(
        running.map((task) =>
          this.cancel(task).catch((error: unknown) => {
            // One that has ended meanwhile is cancelled enough.
            if (!(error instanceof UnknownTaskError)) throw error;
          }),
        ),
      );
    };
    try {
      await untilPossible(cancelThem, { clock });
    } catch (error) {
      logger.error({ err: error, key }, 'tasks could not be cancelled');
    }
  }

  async #listAll(key: TokenKey): Promise<TaskInfo[]> {
    const { options, scheduler } = this.#host;
    await this.#host.loadLost(key);
    const stored = await options.store.listTasks(key);
    return stored.flatMap((task) => {
      // Of its own ones this process knows more than it has stored.
      const own = task.ending ? undefined : scheduler.tasks.find(key, task.record.id);
      return own ?? scheduler.describe(key, task);
    });
  }
}
