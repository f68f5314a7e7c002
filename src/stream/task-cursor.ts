import { storeRetryMs } from '../engine/store-retry.ts';
import { copyOf, type TaskInfo } from '../engine/tasks/task-info.ts';
import type { TokenRoom } from '../engine/token-room.ts';
import { ShuttingDownError } from '../errors/index.ts';
import type { Clock } from '../time/clock.ts';
import { turn } from '../time/turn.ts';
import { PullIterator } from './pull-iterator.ts';

/** For how long, in ms, what was read is given out without another look. */
const batchMs = 100;

export interface TaskCursorOptions {
  /** All that is known of the token's tasks, oldest first. */
  readonly list: () => Promise<readonly TaskInfo[]>;
  readonly clock: Clock;
  readonly onEnd: () => void;
}

/**
 * A subscription to the tasks of a token: each that is listed as it is, then each
 * change of one. It holds what it gave out, not a queue: whoever is slow gets a task as
 * it is then, without all it was between.
 */
export class TaskCursor extends PullIterator<TaskInfo> {
  readonly #options: TaskCursorOptions;
  readonly #unlisten: () => void;
  /** What each was when it was given out, by its id. */
  readonly #given = new Map<string, string>();
  /** Those that are other than that. */
  #changed: TaskInfo[] = [];
  #isStale = true;
  #isReading = false;
  /** Whether the store could not be read, and is to be asked later. */
  #isAway = false;
  #readAt = Number.NEGATIVE_INFINITY;
  #cancelTimer = () => {};

  constructor(room: TokenRoom, options: TaskCursorOptions) {
    super();
    this.#options = options;
    this.#unlisten = room.listenTasks(() => {
      this.#isStale = true;
      this.serve();
    });
  }

  protected override end(): void {
    this.#unlisten();
    this.#cancelTimer();
    this.#options.onEnd();
  }

  protected override take(): TaskInfo | null {
    if (this.#isReading) return null;
    const isOld = this.#readAt + batchMs <= this.#options.clock.now();
    // What is at hand is as it was a moment ago; what has waited longer is read again.
    const value = this.#isStale && isOld ? undefined : this.#changed.shift();
    if (value) {
      // At the end: those that were given out longest ago come first.
      this.#given.delete(value.id);
      this.#given.set(value.id, appearance(value));
      return value;
    }
    if (this.#isStale && !this.#isAway) void this.#read();
    return null;
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    // Those that change together are read together, and others have a turn.
    await turn();
    this.#isStale = false;
    try {
      const tasks = await this.#options.list();
      this.#changed = tasks
        .map(copyOf)
        .filter((task) => this.#given.get(task.id) !== appearance(task));
      const order = new Map([...this.#given.keys()].map((id, at) => [id, at]));
      const at = ({ id }: TaskInfo) => order.get(id) ?? -1;
      this.#changed.sort((a, b) => at(a) - at(b));
      const listed = new Set(tasks.map(({ id }) => id));
      for (const id of this.#given.keys()) if (!listed.has(id)) this.#given.delete(id);
    } catch (error) {
      if (this.isDone || error instanceof ShuttingDownError) return;
      this.#isStale = true;
      this.#isAway = true;
      this.#cancelTimer = this.#options.clock.after(storeRetryMs, () => {
        this.#isAway = false;
        this.serve();
      });
    } finally {
      this.#isReading = false;
    }
    // From the answer on: one that took long is given out all the same.
    this.#readAt = this.#options.clock.now();
    this.serve();
  }
}

/** All of it that changes, and clients see. */
function appearance({ status, progress, message, startedAt, endedAt }: TaskInfo): string {
  return JSON.stringify([status, progress, message, startedAt, endedAt]);
}
