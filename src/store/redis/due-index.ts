import type { TokenKey } from '../../tokens/token-key.ts';
import { dueKey } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { expectScript, postponeScript, takeDueScript } from './scripts/due.ts';

interface DueTask {
  readonly key: TokenKey;
  readonly id: string;
}

/** When somebody looks whether a task that starts was handed over, in ms. */
const handOverMs = 3_000;

/** When somebody looks at it again, in ms: who has found it may be gone by then. */
const lookAgainMs = 7_000;

/** The same for one that was handed over: its queue takes care of it, as long as that has it. */
const handedOverMs = 30_000;

/** How many are taken at once. */
export const tasksPerLot = 100;

/**
 * All durable tasks that are on record, or may be soon, by when somebody has to look at
 * them: each is noted before it starts, so that none is forgotten if its node is gone.
 */
export class DueIndex {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#key = dueKey(prefix);
  }

  async expect(key: TokenKey, ids: readonly string[]): Promise<void> {
    await this.#redis.run(expectScript, [this.#key], [handOverMs, ...namesOf(key, ids)]);
  }

  /** It is handed over: nobody need look for a while. */
  async postpone(key: TokenKey, id: string): Promise<void> {
    await this.#redis.run(postponeScript, [this.#key], [handedOverMs, ...namesOf(key, [id])]);
  }

  /** They are no more. Never fails: who looks at one that is still there sees it too. */
  forget(key: TokenKey, ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#redis.send((client) => client.zrem(this.#key, ...namesOf(key, ids))).catch(() => {});
  }

  /** Some that are due, {@link tasksPerLot} if there are as many: nobody else looks at them for a while. */
  async take(): Promise<DueTask[]> {
    const args = [lookAgainMs, tasksPerLot];
    const names = (await this.#redis.run(takeDueScript, [this.#key], args)) as string[];
    return names.map((name) => {
      const [key = '', id = ''] = name.split(' ', 2);
      return { key: key as TokenKey, id };
    });
  }
}

function namesOf(key: TokenKey, ids: readonly string[]): string[] {
  return ids.map((id) => `${key} ${id}`);
}
