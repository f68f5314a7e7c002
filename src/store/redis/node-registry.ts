import { randomBytes } from 'node:crypto';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { StoreHost } from '../state-store.ts';
import { Inheritance } from './inheritance.ts';
import { nodeKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { beatScript, inheritScript, leaveScript } from './scripts/nodes.ts';

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

/** How many tokens are announced by one command. */
const keysPerCommand = 1_000;

/** Of how many tokens a node takes over at once what another has left. */
const tokensAtOnce = 50;

/**
 * The nodes that share a Redis. Each shows now and then that it lives, and one of
 * them sees to what a node leaves that is gone: its tasks are then that one's to end.
 */
export class NodeRegistry {
  readonly #redis: RedisConnection;
  readonly #nodeMs: number;
  readonly #host: StoreHost;
  readonly #keys: ReturnType<typeof nodeKeys>;
  /** How many tasks and states of each token are on record for this node. */
  readonly #held = new Map<TokenKey, number>();
  /** The tokens that others would look at if this node were gone. */
  readonly #announced = new Set<TokenKey>();
  /** Those of which that is not certain. */
  readonly #unsure = new Set<TokenKey>();
  /** Under its earlier names: what others are to look at. */
  readonly #left = new Map<string, readonly TokenKey[]>();
  readonly #inheritance: Inheritance;
  #id = newNodeId();
  /** Whether Redis has not heard of it yet. */
  #isNew = true;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;
  #inheriting: Promise<void> | null = null;
  #stopped = false;

  constructor({ redis, prefix, nodeMs }: NodeRegistryOptions, host: StoreHost) {
    this.#redis = redis;
    this.#nodeMs = nodeMs;
    this.#host = host;
    this.#keys = nodeKeys(prefix);
    this.#inheritance = new Inheritance({ redis, prefix, registry: this }, host);
  }

  /** Another one after it was taken for gone. Without a space. */
  get id(): string {
    return this.#id;
  }

  /** Resolves when others know that it lives, and what was left until now is seen to. */
  async start(): Promise<void> {
    await this.#beat();
    this.#timer = setInterval(() => this.#onTime(), this.#nodeMs / beatsPerTime).unref();
    await this.#inherit({ patient: false });
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
      try {
        await this.#redis.send((client) => client.sadd(this.#keys.tokensOf(id), key));
      } catch (error) {
        this.letGo(key, more, id);
        throw error;
      }
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

  /** Whether any of it is on record for this node. */
  holds(key: TokenKey): boolean {
    return this.#held.has(key);
  }

  /** Redis may have lost what it was told last. */
  doubt(): void {
    for (const key of this.#announced) this.#unsure.add(key);
    this.#announced.clear();
  }

  /** It does nothing by itself any more. */
  halt(): void {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#inheritance.stop();
  }

  /** What it leaves is others' to see to at once. To be called after {@link halt}. */
  async leave(): Promise<void> {
    await Promise.all([this.#beating, this.#inheriting]);
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
      await this.#leaveOld();
      await this.#announceAgain();
      await this.#retract();
    }).finally(() => {
      this.#beating = null;
    });
    // Beside it: to see to a large inheritance takes longer than a node may be silent.
    this.#inheriting ??= this.#try(() => this.#inherit({ patient: true })).finally(() => {
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
    this.#beAnother();
    await this.#beat();
  }

  /** It was taken for gone: what it had is another's, and it comes back as a new node. */
  #beAnother(): void {
    this.#host.logger.warn(
      {},
      'this node did not show in time: its tasks are lost, and their onExit runs on another node',
    );
    this.#left.set(this.#id, [...this.#announced, ...this.#unsure]);
    this.#id = newNodeId();
    this.#isNew = true;
    this.#announced.clear();
    this.#unsure.clear();
    this.#held.clear();
    this.#host.onDisowned();
  }

  /** What it has put on record under other names, since their heirs looked, is to be looked at again. */
  async #leaveOld(): Promise<void> {
    for (const [old, keys] of this.#left) {
      await this.#announce(old, keys);
      if (keys.length > 0) {
        await this.#redis.send((client) => client.zadd(this.#keys.gone, 0, old));
      }
      this.#left.delete(old);
    }
  }

  async #announce(node: string, keys: readonly TokenKey[]): Promise<void> {
    for (let start = 0; start < keys.length; start += keysPerCommand) {
      const some = keys.slice(start, start + keysPerCommand);
      await this.#redis.send((client) => client.sadd(this.#keys.tokensOf(node), ...some));
    }
  }

  async #announceAgain(): Promise<void> {
    const id = this.#id;
    const keys = [...this.#unsure];
    if (keys.length === 0) return;
    await this.#announce(id, keys);
    if (id !== this.#id) return;
    for (const key of keys) {
      this.#unsure.delete(key);
      this.#announced.add(key);
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
  async #inherit({ patient }: { readonly patient: boolean }): Promise<void> {
    for (;;) {
      const heir = this.#id;
      const gone = await this.#redis.run(inheritScript, [this.#keys.gone], [inheritanceMs]);
      if (typeof gone !== 'string') return;
      const left = this.#keys.tokensOf(gone);
      const tokens = (await this.#redis.send((client) => client.smembers(left))) as TokenKey[];
      for (let start = 0; start < tokens.length; start += tokensAtOnce) {
        const some = tokens.slice(start, start + tokensAtOnce);
        await Promise.all(
          some.map((token) => this.#inheritance.take(token, { gone, heir, patient })),
        );
        // What is left is for somebody who lives.
        if (this.#stopped || this.#id !== heir) return;
        await this.#redis.send((client) => client.srem(left, ...some));
      }
      await this.#redis.send((client) => client.zrem(this.#keys.gone, gone));
    }
  }
}

function newNodeId(): string {
  return randomBytes(9).toString('base64url');
}
