import { ShuttingDownError } from '../../errors/index.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { StoreHost } from '../state-store.ts';
import type { TaskRecord } from '../stored-task.ts';
import { tokenKeys } from './keys.ts';
import type { NodeRegistry } from './node-registry.ts';
import type { RedisConnection } from './redis-connection.ts';
import { settleStartsScript } from './scripts/take-over.ts';
import { taskOnRecord } from './task-text.ts';
import { untilAnswered } from './until-answered.ts';

export interface UnansweredStartsOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly registry: NodeRegistry;
}

/**
 * Tasks that were to start, and nobody knows whether they are on record: whoever
 * asked was told so, and runs none of them. Those that are there are lost.
 */
export class UnansweredStarts {
  readonly #options: UnansweredStartsOptions;
  readonly #host: StoreHost;
  #closed = false;

  constructor(options: UnansweredStartsOptions, host: StoreHost) {
    this.#options = options;
    this.#host = host;
  }

  /** Looks for them as soon as Redis answers: after what was sent before. */
  async add(key: TokenKey, records: readonly TaskRecord[], node: string): Promise<void> {
    try {
      await untilAnswered(
        () => this.#look(key, records, node),
        () => !this.#closed,
      );
    } catch (error) {
      if (error instanceof ShuttingDownError) return;
      const message = 'whether tasks are on record of a token cannot be read';
      this.#host.logger.error({ err: error, key }, message);
    }
  }

  /** Others see to it when this node is gone. */
  close(): void {
    this.#closed = true;
  }

  async #look(key: TokenKey, records: readonly TaskRecord[], node: string): Promise<void> {
    const { redis, prefix, registry } = this.#options;
    const ids = records.map(({ id }) => id);
    const { tasks, over } = tokenKeys(prefix, key);
    const texts = (await redis.run(settleStartsScript, [tasks, over], [node, ...ids])) as string[];
    // It was taken for gone: they are its heir's.
    if (node !== registry.id) return;
    const lost = texts.map(taskOnRecord);
    registry.letGo(key, records.length - lost.length, node);
    if (lost.length > 0) this.#host.onInherit(key, { tasks: lost, watched: [] });
  }
}
