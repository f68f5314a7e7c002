import { ShuttingDownError } from '../../errors/index.ts';
import type { TaskRecord } from '../../store/stored-task.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { EngineOptions } from '../engine-options.ts';
import { storeRetry } from '../store-retry.ts';

/** How often, in ms, a task's record is written at most. */
const updateMs = 100;

/** Keeps what the store knows of a running task up to date: with the newest, not with all there was between. */
export class TaskUpdates {
  readonly #options: EngineOptions;
  readonly #key: TokenKey;
  readonly #newest: () => TaskRecord;
  #isDirty = false;
  #isSending = false;
  #isOver = false;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(options: EngineOptions, key: TokenKey, newest: () => TaskRecord) {
    this.#options = options;
    this.#key = key;
    this.#newest = newest;
  }

  /** There is something new. */
  note(): void {
    this.#isDirty = true;
    if (!this.#isSending) void this.#send();
  }

  /** What is new from now on goes with the end of the task. */
  stop(): void {
    this.#isOver = true;
  }

  async #send(): Promise<void> {
    const { clock, logger, store } = this.#options;
    this.#isSending = true;
    for (let hasFailed = false; this.#isDirty && !this.#isOver; ) {
      const waitMs = this.#sentAt + updateMs - clock.now();
      if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      if (this.#isOver) break;
      this.#isDirty = false;
      this.#sentAt = clock.now();
      try {
        await store.updateTask(this.#key, this.#newest());
        hasFailed = false;
      } catch (error) {
        if (error instanceof ShuttingDownError) break;
        const taskId = this.#newest().id;
        const message = 'what a task reports cannot be stored yet';
        if (!hasFailed) logger.warn({ err: error, taskId }, message);
        hasFailed = true;
        this.#isDirty = true;
        await storeRetry(clock);
      }
    }
    this.#isSending = false;
  }
}
