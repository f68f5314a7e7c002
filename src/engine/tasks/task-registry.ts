import type { TokenKey } from '../../tokens/token-key.ts';
import { Capacity } from '../capacity.ts';
import type { Limits } from '../engine-options.ts';
import type { TokenRoom } from '../token-room.ts';
import type { BackgroundTask } from './background-task.ts';

/** The tasks of this process whose handler or `onExit` has not settled. */
export class TaskRegistry {
  readonly #live = new Set<BackgroundTask>();
  readonly #byToken = new Map<TokenKey, Map<string, BackgroundTask>>();
  readonly #capacity: Capacity;

  constructor(limits: Limits) {
    this.#capacity = new Capacity(limits, 'tasksPerProcess');
  }

  get live(): ReadonlySet<BackgroundTask> {
    return this.#live;
  }

  /** A token's tasks. */
  of(key: TokenKey): Iterable<BackgroundTask> {
    return this.#byToken.get(key)?.values() ?? [];
  }

  find(key: TokenKey, id: string): BackgroundTask | undefined {
    return this.#byToken.get(key)?.get(id);
  }

  /** @throws {@link ResourceExhaustedError} if there is no room for so many more tasks of the token. */
  assertRoom(room: TokenRoom, more: number): void {
    room.tasks.assertRoom(more);
    this.#capacity.assertRoom(more);
  }

  /** Counts one more until the returned function is called. */
  reserve(room: TokenRoom): () => void {
    const release = room.tasks.take();
    const releaseHere = this.#capacity.take();
    return () => {
      release();
      releaseHere();
    };
  }

  /** Keeps the task until `done` resolves. */
  async track(task: BackgroundTask, room: TokenRoom, done: Promise<void>): Promise<void> {
    const { key, id } = task;
    const release = this.reserve(room);
    this.#live.add(task);
    const others = this.#byToken.get(key) ?? new Map<string, BackgroundTask>();
    this.#byToken.set(key, others.set(id, task));
    await done;
    this.#live.delete(task);
    others.delete(id);
    if (others.size === 0) this.#byToken.delete(key);
    release();
  }
}
