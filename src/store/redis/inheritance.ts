import { setTimeout as sleep } from 'node:timers/promises';
import { StoreCorruptedError } from '../../errors/index.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { StoreHost, TaskRecord } from '../state-store.ts';
import { tokenKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { takeOverScript } from './scripts/take-over.ts';
import { taskRecord } from './task-text.ts';

/** Before Redis is asked again, in ms. */
const retryMs = 500;

/** For how long it is known what was handed over, in ms: as long as Redis may tell of it again. */
const knownMs = 24 * 60 * 60 * 1000;

/** The node that takes over, as it counts what it has. */
export interface Heir {
  readonly id: string;
  hold(key: TokenKey, more: number): Promise<string>;
  letGo(key: TokenKey, less: number, node: string): void;
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

  /** Resolves when it is done, or this node is not the heir any more. */
  async take(
    key: TokenKey,
    { gone, heir }: { readonly gone: string; readonly heir: string },
  ): Promise<void> {
    // Should this node be gone as well before all of it has ended.
    const holder = await this.#registry.hold(key, 1);
    try {
      const left = await this.#takeOver(key, { gone, heir });
      if (!left || this.#registry.id !== heir) return;
      const watched = left.states.filter((state) => this.#isNew(`${gone} ${key} ${state}`));
      const tasks = left.records.filter(({ id }) => this.#isNew(id));
      const count = watched.length + tasks.length;
      if (count === 0) return;
      await this.#registry.hold(key, count);
      this.#host.onInherit(key, { tasks, watched });
    } catch (error) {
      // Its token's affair; that Redis is away is everybody's.
      if (!(error instanceof StoreCorruptedError)) throw error;
      this.#tell(key, error);
    } finally {
      this.#registry.letGo(key, 1, holder);
    }
  }

  /** Until it is answered: what was moved to this node is nobody else's to find. */
  async #takeOver(
    key: TokenKey,
    { gone, heir }: { readonly gone: string; readonly heir: string },
  ): Promise<{ readonly states: readonly string[]; readonly records: TaskRecord[] } | null> {
    const { tasks, present, over } = tokenKeys(this.#prefix, key);
    while (!this.#stopped && this.#registry.id === heir) {
      try {
        const answer = await this.#redis.run(takeOverScript, [tasks, present, over], [gone, heir]);
        const [states, texts] = answer as [string[], string[]];
        return { states, records: texts.flatMap((text) => this.#recordOf(key, text)) };
      } catch (error) {
        if (error instanceof StoreCorruptedError) throw error;
        await sleep(retryMs, undefined, { ref: false });
      }
    }
    return null;
  }

  #recordOf(key: TokenKey, text: string): TaskRecord[] {
    try {
      return [taskRecord(text)];
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
      if (at + knownMs > now) break;
      this.#handed.delete(old);
    }
    if (this.#handed.has(name)) return false;
    this.#handed.set(name, now);
    return true;
  }
}
