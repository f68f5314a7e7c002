import { randomBytes } from 'node:crypto';
import { StoreCorruptedError } from '../../errors/index.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { StoreHost, TaskRecord } from '../state-store.ts';
import { decode } from './codec.ts';
import { nodeKeys, tokenKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { Script } from './script.ts';
import { beatScript, inheritScript, leaveScript } from './scripts/nodes.ts';
import { takePresenceScript } from './scripts/presence.ts';
import { takeTasksScript } from './scripts/tasks.ts';

export interface NodeRegistryOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** A node that has not shown for so long is gone, in ms. */
  readonly nodeMs: number;
}

/** How often a node shows itself, in its time. */
const beatsPerTime = 5;

/** How long a node has to see to all that one that is gone has left, before another does, in ms. */
const inheritanceMs = 15_000;

/**
 * The nodes that share a Redis. Each shows now and then that it lives, and one of
 * them sees to what a node leaves that is gone: its tasks are then that one's to end.
 */
export class NodeRegistry {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  readonly #nodeMs: number;
  readonly #host: StoreHost;
  readonly #keys: ReturnType<typeof nodeKeys>;
  /** The tokens that others would look at if this node were gone. */
  readonly #announced = new Set<TokenKey>();
  #id = newNodeId();
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;

  constructor({ redis, prefix, nodeMs }: NodeRegistryOptions, host: StoreHost) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#nodeMs = nodeMs;
    this.#host = host;
    this.#keys = nodeKeys(prefix);
  }

  /** Another one after it was taken for gone. Without a space. */
  get id(): string {
    return this.#id;
  }

  /** Resolves when others know that it lives, and what was left until now is seen to. */
  async start(): Promise<void> {
    await this.#beat(true);
    await this.#inherit();
    this.#timer = setInterval(() => this.#onTime(), this.#nodeMs / beatsPerTime).unref();
  }

  /** To be called before something of the token is on record for this node. */
  async announce(key: TokenKey): Promise<void> {
    if (this.#announced.has(key)) return;
    await this.#redis.send((client) => client.sadd(this.#keys.tokensOf(this.#id), key));
    this.#announced.add(key);
  }

  /** What it leaves is others' to see to at once. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#beating;
    const { alive, gone } = this.#keys;
    await this.#redis
      .send((client) => leaveScript.run(client, [alive, gone], [this.#id]))
      // It is taken for gone soon.
      .catch(() => {});
  }

  #onTime(): void {
    // One that waits for Redis is enough.
    this.#beating ??= this.#live().finally(() => {
      this.#beating = null;
    });
  }

  async #live(): Promise<void> {
    try {
      await this.#beat(false);
      await this.#inherit();
    } catch (error) {
      this.#host.logger.debug({ err: error }, 'Redis could not be told that this node lives');
    }
  }

  async #beat(isNew: boolean): Promise<void> {
    const { alive, gone } = this.#keys;
    const isKnown = await this.#redis.send((client) =>
      beatScript.run(client, [alive, gone], [this.#id, this.#nodeMs, isNew ? 1 : 0]),
    );
    if (isKnown === 1) return;
    this.#host.logger.warn(
      {},
      'this node did not show in time: its tasks are lost, and their onExit runs on another node',
    );
    this.#id = newNodeId();
    this.#announced.clear();
    this.#host.onDisowned();
    await this.#beat(true);
  }

  /** Sees to what nodes that are gone have left, one after the other. */
  async #inherit(): Promise<void> {
    for (;;) {
      const gone = await this.#redis.send((client) =>
        inheritScript.run(client, [this.#keys.gone], [inheritanceMs]),
      );
      if (typeof gone !== 'string') return;
      const tokens = await this.#redis.send((client) => client.smembers(this.#keys.tokensOf(gone)));
      for (const token of tokens) {
        try {
          await this.#take(token as TokenKey, gone);
        } catch (error) {
          // Its token's affair; that Redis is away is everybody's.
          if (!(error instanceof StoreCorruptedError)) throw error;
          this.#host.logger.error(
            { err: error, key: token },
            'tasks of a node that is gone cannot be read',
          );
        }
      }
      await this.#redis.send(async (client) => {
        await client.unlink(this.#keys.tokensOf(gone));
        await client.zrem(this.#keys.gone, gone);
      });
    }
  }

  async #take(key: TokenKey, gone: string): Promise<void> {
    // Should this node be gone as well before they have ended.
    await this.announce(key);
    const { tasks, present } = tokenKeys(this.#prefix, key);
    const take = async (script: Script, name: string) =>
      (await this.#redis.send((client) =>
        script.run(client, [name], [gone, this.#id]),
      )) as string[];
    const watched = await take(takePresenceScript, present);
    if (watched.length > 0) this.#host.onInherit(key, { tasks: [], watched });
    for (const text of await take(takeTasksScript, tasks)) {
      const task = decode<TaskRecord>(text, 'the record of a task');
      this.#host.onInherit(key, { tasks: [task], watched: [] });
    }
  }
}

function newNodeId(): string {
  return randomBytes(9).toString('base64url');
}
