import type { TokenKey } from '../../tokens/token-key.ts';
import { Capacity } from '../capacity.ts';
import type { Limits } from '../engine-options.ts';
import type { TokenRoom } from '../token-room.ts';
import type { BackgroundTask } from './background-task.ts';

/** The tasks of this process: those that are to start, and those whose handler or `onExit` has not settled. */
export class TaskRegistry {
  readonly #live = new Set<BackgroundTask>();
  readonly #byToken = new Map<TokenKey, Map<string, BackgroundTask>>();
  readonly #capacity: Capacity;

  constructor(limits: Limits) {
    this.#capacity = new Capacity(limits, 'tasksPerProcess');
  }

  /** Those that have started. */
  get live(): ReadonlySet<BackgroundTask> {
    return this.#live;
  }

  /** Also one that is to start; but none that goes on elsewhere. */
  find(key: TokenKey, id: string): BackgroundTask | undefined {
    const task = this.#byToken.get(key)?.get(id);
    return task?.isHandedOver ? undefined : task;
  }

  /** @throws {@link ResourceExhaustedError} if there is no room for so many more tasks of the token. */
  assertRoom(room: TokenRoom, more: number): void {
    room.tasks.assertRoom(more);
    this.#capacity.assertRoom(more);
  }

  /** Knows the task, and counts it, until the returned function is called. */
  add(room: TokenRoom, task: BackgroundTask): () => void {
    const { key, id } = task;
    const releases = [room.tasks.take(), this.#capacity.take()];
    const tasks = this.#byToken.get(key) ?? new Map<string, BackgroundTask>();
    this.#byToken.set(key, tasks.set(id, task));
    return () => {
      for (const release of releases) release();
      // A later attempt may have taken its place.
      if (tasks.get(id) === task) tasks.delete(id);
      if (tasks.size === 0 && this.#byToken.get(key) === tasks) this.#byToken.delete(key);
    };
  }

  /** One of them has started, and is live until `done` resolves. */
  async track(task: BackgroundTask, done: Promise<void>): Promise<void> {
    this.#live.add(task);
    await done;
    this.#live.delete(task);
  }
}
