import type { TokenKey } from '../tokens/token-key.ts';
import type { BackgroundTask, TaskInfo } from './background-task.ts';
import type { EngineOptions } from './engine-options.ts';

/** The tasks of this process: those that live, and for a while those that ended. */
export class TaskRegistry {
  readonly #live = new Set<BackgroundTask>();
  /** In the order in which they ended. */
  readonly #finished = new Set<TaskInfo>();
  readonly #options: Pick<EngineOptions, 'clock' | 'limits'>;

  constructor(options: Pick<EngineOptions, 'clock' | 'limits'>) {
    this.#options = options;
  }

  /** Tasks whose handler or `onExit` has not settled. */
  get live(): ReadonlySet<BackgroundTask> {
    return this.#live;
  }

  /** Keeps the task until `done` resolves, and its result for `finishedTaskTtlMs` more. */
  async track(task: BackgroundTask, done: Promise<void>): Promise<void> {
    this.#live.add(task);
    await done;
    this.#live.delete(task);
    this.#finished.add(task.summary());
    this.#forgetOld();
  }

  /** A token's tasks, oldest first. */
  of(key: TokenKey): TaskInfo[] {
    this.#forgetOld();
    return [...this.#finished, ...this.#live]
      .filter((task) => task.key === key)
      .sort((a, b) => a.startedAt - b.startedAt);
  }

  /** A token's task that has not settled. */
  find(key: TokenKey, id: string): BackgroundTask | undefined {
    for (const task of this.#live) if (task.key === key && task.id === id) return task;
    return undefined;
  }

  #forgetOld(): void {
    const { clock, limits } = this.#options;
    for (const task of this.#finished) {
      if ((task.endedAt ?? 0) + limits.finishedTaskTtlMs > clock.now()) return;
      this.#finished.delete(task);
    }
  }
}
