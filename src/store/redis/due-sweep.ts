import { ShuttingDownError, StoreUnavailableError } from '../../errors/index.ts';
import type { Logger } from '../../logging/logger.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { type DueIndex, tasksPerLot } from './due-index.ts';
import { tokenKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { closeStartScript } from './scripts/durable.ts';

export interface DueSweepOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly index: DueIndex;
  readonly logger: Logger;
  /** Keeps a token from expiring. */
  use(key: TokenKey): void;
  /** Whether a task was handed over. */
  isHandedOver(id: string): Promise<boolean>;
  /** It is on record, and was not. */
  onFound(key: TokenKey, id: string): void;
}

/** How often each node looks, in ms, more or less. */
const sweepMs = 1_000;

/** For how long a task that is not on record may still come, in ms: the commit that starts it may be slow. */
const comingMs = 60_000;

/** After how long it is forgotten that a task was not on record, in ms: others may have seen to it. */
const forgottenMs = 30 * 60_000;

/** When a task was seen that is not on record, on this process's own clock. */
interface Missing {
  readonly since: number;
  readonly seenAt: number;
}

/** Looks at what is due: finds tasks whose nodes are gone, and forgets those that were never put on record. */
export class DueSweep {
  readonly #options: DueSweepOptions;
  readonly #missing = new Map<string, Missing>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: DueSweepOptions) {
    this.#options = options;
  }

  start(): void {
    // Not all nodes at the same moment.
    const ms = sweepMs * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      void this.look().finally(() => {
        if (!this.#stopped) this.start();
      });
    }, ms).unref();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Sees to all that is due. Never rejects. */
  async look(): Promise<void> {
    try {
      let count: number;
      do {
        const tasks = await this.#options.index.take();
        await Promise.all(tasks.map(({ key, id }) => this.#seeTo(key, id)));
        count = tasks.length;
      } while (count === tasksPerLot && !this.#stopped);
    } catch (error) {
      this.#tell(error, {});
    }
    const now = performance.now();
    for (const [id, { seenAt }] of this.#missing) {
      if (now - seenAt > forgottenMs) this.#missing.delete(id);
    }
  }

  async #seeTo(key: TokenKey, id: string): Promise<void> {
    try {
      await this.#lookAt(key, id);
    } catch (error) {
      // Somebody looks again.
      this.#tell(error, { key, taskId: id });
    }
  }

  async #lookAt(key: TokenKey, id: string): Promise<void> {
    const { redis, prefix, index, use, isHandedOver, onFound } = this.#options;
    const { tasks, over } = tokenKeys(prefix, key);
    const isThere = (await redis.send((client) => client.hexists(tasks, id))) === 1;
    if (isThere) {
      this.#missing.delete(id);
      use(key);
      if (await isHandedOver(id)) return index.postpone(key, id);
    } else if (!this.#isGone(id)) {
      return;
    }
    // What is sent again would start it again, if it has run meanwhile.
    const isOnRecord = (await redis.run(closeStartScript, [tasks, over], [id])) === 1;
    this.#missing.delete(id);
    if (!isOnRecord) index.forget(key, [id]);
    else if (!this.#stopped) onFound(key, id);
  }

  /** Whether a task that is not on record has not been for so long that it never will. */
  #isGone(id: string): boolean {
    const now = performance.now();
    const since = this.#missing.get(id)?.since ?? now;
    this.#missing.set(id, { since, seenAt: now });
    return now - since >= comingMs;
  }

  #tell(error: unknown, details: object): void {
    const isAway = error instanceof StoreUnavailableError || error instanceof ShuttingDownError;
    const message = 'what is due of durable tasks could not be looked at';
    this.#options.logger[isAway ? 'debug' : 'error']({ err: error, ...details }, message);
  }
}
