import { ResourceExhaustedError } from '../errors/index.ts';
import type { Limits } from './engine-options.ts';

/** The limits that count, by name, with what they count. */
const counted = {
  queuedEventsPerToken: 'events that wait for this token',
  queuedFollowUpsPerToken: 'triggered events that wait for this token',
  tasksPerToken: 'tasks of this token',
  tasksPerProcess: 'tasks on this server',
} as const satisfies Partial<Record<keyof Limits, string>>;

/** How much of something there is, and may be. */
export class Capacity {
  readonly #limit: number;
  readonly #name: keyof typeof counted;
  #taken = 0;

  constructor(limits: Limits, name: keyof typeof counted) {
    this.#limit = limits[name];
    this.#name = name;
  }

  get isUnused(): boolean {
    return this.#taken === 0;
  }

  /** @throws {@link ResourceExhaustedError} if there is no room for so much more. */
  assertRoom(more: number): void {
    if (this.#taken + more <= this.#limit) return;
    throw new ResourceExhaustedError(this.#name, counted[this.#name]);
  }

  /** Counts one more, also above the limit, until the returned function is called. */
  take(): () => void {
    this.#taken += 1;
    let isTaken = true;
    return () => {
      if (isTaken) this.#taken -= 1;
      isTaken = false;
    };
  }
}
