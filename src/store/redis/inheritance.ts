import { StoreCorruptedError } from '../../errors/index.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { StoreHost } from '../state-store.ts';
import type { StoredTask } from '../stored-task.ts';
import { tokenKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { overMs } from './scripts/parts.ts';
import { takeOverScript } from './scripts/take-over.ts';
import { taskOnRecord } from './task-text.ts';
import { untilAnswered } from './until-answered.ts';

/** The node that takes over, as it counts what it has. */
export interface Heir {
  readonly id: string;
  hold(key: TokenKey, more: number): Promise<string>;
  letGo(key: TokenKey, less: number, node: string): void;
}

/** Who is gone, and who takes over. */
interface Parties {
  readonly gone: string;
  readonly heir: string;
  readonly patient: boolean;
}

interface InheritanceOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly registry: Heir;
}

/** Takes over what nodes that are gone have left, token by token, and hands it to the app: each thing once. */
export class Inheritance {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  readonly #registry: Heir;
  readonly #host: StoreHost;
  /** What the app was told of, and when, on this process's own clock. */
  readonly #handed = new Map<string, number>();
  #stopped = false;

  constructor({ redis, prefix, registry }: InheritanceOptions, host: StoreHost) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#registry = registry;
    this.#host = host;
  }

  /** What is not taken over by then is others'. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * Resolves when it is done, or this node is not the heir any more. Who is patient
   * waits for Redis, as long as it takes: what was moved to this node is nobody else's
   * to find.
   */
  async take(key: TokenKey, parties: Parties): Promise<void> {
    // Should this node be gone as well before all of it has ended.
    const holder = await this.#registry.hold(key, 1);
    try {
      const isHeir = () => !this.#stopped && this.#registry.id === parties.heir;
      const work = () => this.#takeOver(key, parties);
      if (parties.patient) await untilAnswered(work, isHeir);
      else if (isHeir()) await work();
    } catch (error) {
      // Its token's affair; that Redis is away is everybody's.
      if (!(error instanceof StoreCorruptedError)) throw error;
      this.#tell(key, error);
    } finally {
      this.#registry.letGo(key, 1, holder);
    }
  }

  async #takeOver(key: TokenKey, { gone, heir }: Parties): Promise<void> {
    const { tasks: tasksKey, present, over } = tokenKeys(this.#prefix, key);
    const keys = [tasksKey, present, over];
    const answer = await this.#redis.run(takeOverScript, keys, [gone, heir]);
    const [states, texts] = answer as [string[], string[]];
    const moved = texts.flatMap((text) => this.#taskOf(key, text));
    const count = states.length + moved.length;
    if (count === 0) return;
    const node = await this.#registry.hold(key, count);
    const isHeir = node === heir;
    // From here on nothing can fail: what is known is handed over.
    const watched = states.filter(
      (state) => isHeir && this.#isNew(`${heir} ${gone} ${key} ${state}`),
    );
    const tasks = moved.filter(({ record }) => isHeir && this.#isNew(`${heir} ${record.id}`));
    const fresh = watched.length + tasks.length;
    this.#registry.letGo(key, count - fresh, node);
    if (fresh > 0) this.#host.onInherit(key, { tasks, watched });
  }

  #taskOf(key: TokenKey, text: string): StoredTask[] {
    try {
      return [taskOnRecord(text)];
    } catch (error) {
      this.#tell(key, error);
      return [];
    }
  }

  #tell(key: TokenKey, error: unknown): void {
    const message = 'what a node has left of a token that is gone cannot be read';
    this.#host.logger.error({ err: error, key }, message);
  }

  /** Redis tells again of what was taken over, should its answer have been lost. */
  #isNew(name: string): boolean {
    const now = performance.now();
    for (const [old, at] of this.#handed) {
      // For as long as Redis may tell of it again.
      if (at + overMs > now) break;
      this.#handed.delete(old);
    }
    if (this.#handed.has(name)) return false;
    this.#handed.set(name, now);
    return true;
  }
}
