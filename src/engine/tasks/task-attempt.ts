import { TaskInterruptedError, TaskLostError } from '../../errors/index.ts';
import type { Durability } from '../../state/definitions.ts';
import type { TaskMemory, TaskRecord, TaskTries } from '../../store/stored-task.ts';
import { readOnly } from '../../values/read-only.ts';
import { settle } from '../../values/settle.ts';
import { isPassing, storeRetryMs } from '../store-retry.ts';
import type { TokenLock } from '../token-lock.ts';

/** The longest wait for the next attempt, in ms, however often it has failed. */
const maxBackoffMs = 300_000;

/** What is to become of a task whose attempt has failed. */
export interface NextAttempt {
  readonly inMs: number;
  readonly tries: TaskTries;
}

/** One attempt at a durable task: what it has of those before it, and what it leaves to the next. */
export class TaskAttempt {
  readonly number: number;
  /** The checkpoint of the attempts before it; null if there is none. */
  readonly resumed: unknown;
  readonly #durability: Durability;
  readonly #tries: TaskTries;
  readonly #memory: TaskMemory;

  constructor(durability: Durability, { attempt, durable }: TaskRecord, memory: TaskMemory) {
    this.#durability = durability;
    this.number = attempt;
    this.#tries = durable ?? noTries;
    this.#memory = memory;
    this.resumed = readOnly(settle(memory.checkpoint, ['checkpoint']));
  }

  get args(): TaskMemory['args'] {
    return this.#memory.args;
  }

  /** How many attempts before it ended without a word, one after the other: neither failed nor saved anything. */
  get interruptions(): number {
    const known = Math.max(this.#tries.settled, this.#memory.attempt);
    return Math.max(0, this.number - 1 - known);
  }

  /** That something is known of this attempt. */
  get settled(): TaskTries {
    return { ...this.#tries, settled: this.number };
  }

  /**
   * Saves what the next attempt goes on from with the lock's next commit.
   *
   * @throws {@link ValueNotStorableError}
   */
  checkpoint(lock: TokenLock, value: unknown): void {
    const checkpoint = settle(value, ['checkpoint']);
    lock.save({ ...this.#memory, checkpoint, attempt: this.number });
  }

  /** What becomes of the task when this attempt has failed so; null if it has failed for good. */
  nextAfter(error: unknown): NextAttempt | null {
    if (error instanceof TaskInterruptedError) return null;
    // The store's fault, or its process was taken for gone: as if that had ended.
    if (isPassing(error) || error instanceof TaskLostError)
      return { inMs: storeRetryMs, tries: this.#tries };
    const failures = this.#tries.failures + 1;
    const { attempts, backoffMs } = this.#durability;
    if (failures >= attempts) return null;
    const inMs = Math.min(backoffMs * 2 ** (failures - 1), maxBackoffMs);
    return { inMs, tries: { failures, settled: this.number } };
  }
}

/** Of a task that was never tried. */
export const noTries: TaskTries = Object.freeze({ failures: 0, settled: 0 });
