import type { Clock } from '../../time/clock.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { justEndedMs, maxEndedTasks, type StoredTask } from '../stored-task.ts';

interface Listed {
  readonly task: StoredTask;
  readonly endedAt: number;
  /** In ms since 1970. */
  readonly until: number;
}

/** The tasks that have ended, for as long as they are listed, whatever becomes of their tokens. */
export class EndedTasks {
  readonly #clock: Clock;
  readonly #tokens = new Map<TokenKey, readonly Listed[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(key: TokenKey, task: StoredTask, endedAt: number, listedMs: number): void {
    if (listedMs === 0) return;
    const listed = { task, endedAt, until: this.#clock.now() + listedMs };
    const all = [...this.#listed(key), listed].sort((a, b) => a.endedAt - b.endedAt);
    const isNew = ({ endedAt: at }: Listed) => at > this.#clock.now() - justEndedMs;
    const kept = all.filter((each, at) => at >= all.length - maxEndedTasks || isNew(each));
    this.#tokens.set(key, kept);
  }

  of(key: TokenKey): StoredTask[] {
    return this.#listed(key).map(({ task }) => task);
  }

  /** Forgets those whose time is over. */
  sweep(): void {
    for (const key of this.#tokens.keys()) {
      const listed = this.#listed(key);
      if (listed.length > 0) this.#tokens.set(key, listed);
      else this.#tokens.delete(key);
    }
  }

  clear(): void {
    this.#tokens.clear();
  }

  #listed(key: TokenKey): Listed[] {
    const now = this.#clock.now();
    return (this.#tokens.get(key) ?? []).filter(({ until }) => until > now);
  }
}
