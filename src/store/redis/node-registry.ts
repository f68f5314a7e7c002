import { randomBytes } from 'node:crypto';
import { StoreCorruptedError } from '../../errors/index.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { StoreHost } from '../state-store.ts';
import { nodeKeys, tokenKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { Script } from './script.ts';
import { beatScript, inheritScript, leaveScript } from './scripts/nodes.ts';
import { takePresenceScript } from './scripts/presence.ts';
import { takeTasksScript } from './scripts/tasks.ts';
import { taskRecord } from './task-text.ts';

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

/** Of how many tokens a node takes over at once what another has left. */
const tokensAtOnce = 50;

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
  /** How many tasks and states of each token are on record for this node. */
  readonly #held = new Map<TokenKey, number>();
  /** The tokens that others would look at if this node were gone. */
  readonly #announced = new Set<TokenKey>();
  #id = newNodeId();
  /** Whether Redis has not heard of it yet. */
  #isNew = true;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;
  #inheriting: Promise<void> | null = null;

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
    await this.#beat();
    this.#timer = setInterval(() => this.#onTime(), this.#nodeMs / beatsPerTime).unref();
    await this.#inherit();
  }

  /**
   * To be called before so much of the token is on record for this node: tasks, states
   * that it watches. Resolves to the node that it is to be of.
   */
  async hold(key: TokenKey, more: number): Promise<string> {
    for (;;) {
      const id = this.#id;
      this.#held.set(key, (this.#held.get(key) ?? 0) + more);
      if (this.#announced.has(key)) return id;
      await this.#redis.send((client) => client.sadd(this.#keys.tokensOf(id), key));
      if (id === this.#id) {
        this.#announced.add(key);
        return id;
      }
    }
  }

  /** So much of it is over, of the node that it was of. */
  letGo(key: TokenKey, less: number, node: string): void {
    if (node !== this.#id) return;
    const count = (this.#held.get(key) ?? 0) - less;
    if (count > 0) this.#held.set(key, count);
    else this.#held.delete(key);
  }

  /** What it leaves is others' to see to at once. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#beating;
    const { alive, gone } = this.#keys;
    await this.#redis
      .run(leaveScript, [alive, gone], [this.#id])
      // It is taken for gone soon.
      .catch(() => {});
  }

  #onTime(): void {
    // One that waits for Redis is enough.
    this.#beating ??= this.#try(async () => {
      await this.#beat();
      await this.#retract();
    }).finally(() => {
      this.#beating = null;
    });
    // Beside it: to see to a large inheritance takes longer than a node may be silent.
    this.#inheriting ??= this.#try(() => this.#inherit()).finally(() => {
      this.#inheriting = null;
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#host.logger.debug({ err: error }, 'Redis did not hear of this node');
    }
  }

  async #beat(): Promise<void> {
    const { alive, gone } = this.#keys;
    const isKnown = await this.#redis.run(
      beatScript,
      [alive, gone],
      [this.#id, this.#nodeMs, this.#isNew ? 1 : 0],
    );
    if (isKnown === 1) {
      this.#isNew = false;
      return;
    }
    await this.#beAnother();
    await this.#beat();
  }

  /** It was taken for gone: what it had is another's, and it comes back as a new node. */
  async #beAnother(): Promise<void> {
    this.#host.logger.warn(
      {},
      'this node did not show in time: its tasks are lost, and their onExit runs on another node',
    );
    const old = this.#id;
    const left = [...this.#announced];
    this.#id = newNodeId();
    this.#isNew = true;
    this.#announced.clear();
    this.#held.clear();
    this.#host.onDisowned();
    // What it has put on record since the heir looked is to be looked at again.
    if (left.length > 0) {
      await this.#redis.send((client) => client.sadd(this.#keys.tokensOf(old), ...left));
      await this.#redis.send((client) => client.zadd(this.#keys.gone, 0, old));
    }
  }

  /** Tokens of which nothing is on record any more are no heir's affair. */
  async #retract(): Promise<void> {
    const over = [...this.#announced].filter((key) => !this.#held.has(key));
    if (over.length === 0) return;
    for (const key of over) this.#announced.delete(key);
    const tokens = this.#keys.tokensOf(this.#id);
    await this.#redis.send((client) => client.srem(tokens, ...over));
  }

  /** Sees to what nodes that are gone have left, one after the other. */
  async #inherit(): Promise<void> {
    for (;;) {
      const heir = this.#id;
      const gone = await this.#redis.run(inheritScript, [this.#keys.gone], [inheritanceMs]);
      if (typeof gone !== 'string') return;
      const tokens = (await this.#redis.send((client) =>
        client.smembers(this.#keys.tokensOf(gone)),
      )) as TokenKey[];
      for (let start = 0; start < tokens.length; start += tokensAtOnce) {
        // What is left is for somebody who lives.
        if (this.#id !== heir) return;
        const some = tokens.slice(start, start + tokensAtOnce);
        await Promise.all(some.map((token) => this.#take(token, gone)));
        await this.#redis.send((client) => client.srem(this.#keys.tokensOf(gone), ...some));
      }
      await this.#redis.send((client) => client.zrem(this.#keys.gone, gone));
    }
  }

  async #take(key: TokenKey, gone: string): Promise<void> {
    const { tasks, present, goneOf } = tokenKeys(this.#prefix, key);
    const take = async (script: Script, name: string) => {
      // Should this node be gone as well before it has ended.
      const heir = await this.hold(key, 1);
      const taken = (await this.#redis.run(script, [name, goneOf(gone)], [gone, heir])) as string[];
      if (taken.length === 0) this.letGo(key, 1, heir);
      else if (taken.length > 1) await this.hold(key, taken.length - 1);
      return taken;
    };
    try {
      const watched = await take(takePresenceScript, present);
      if (watched.length > 0) this.#host.onInherit(key, { tasks: [], watched });
      for (const text of await take(takeTasksScript, tasks)) {
        this.#host.onInherit(key, { tasks: [taskRecord(text)], watched: [] });
      }
    } catch (error) {
      // Its token's affair; that Redis is away is everybody's.
      if (!(error instanceof StoreCorruptedError)) throw error;
      const message = 'what a node has left of a token that is gone cannot be read';
      this.#host.logger.error({ err: error, key }, message);
    }
  }
}

function newNodeId(): string {
  return randomBytes(9).toString('base64url');
}
