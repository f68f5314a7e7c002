import { ShuttingDownError, StoreOpenError } from '../../errors/index.ts';
import type { Position } from '../../state/snapshot.ts';
import { systemClock } from '../../time/clock.ts';
import { settledWithin } from '../../time/settled-within.ts';
import { turn } from '../../time/turn.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { GuardedLease } from '../guarded-lease.ts';
import { PresenceCount } from '../presence-count.ts';
import type { CatchUp, Lease, StateStore, StoreHost, TokenWatcher } from '../state-store.ts';
import type { StoredTask, TaskChanges, TaskRecord } from '../stored-task.ts';
import { checkServer } from './check-server.ts';
import { Doorbell } from './doorbell.ts';
import { DueIndex } from './due-index.ts';
import type { JobQueue } from './job-queue.ts';
import { tokenKeys } from './keys.ts';
import { NodeRegistry } from './node-registry.ts';
import { OpenToken, type TokenHost } from './open-token.ts';
import type { RedisClient } from './redis-client.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisDurableTasks } from './redis-durable-tasks.ts';
import { keepScript } from './scripts/keep.ts';
import { enterScript, leaveStateScript } from './scripts/presence.ts';
import { ServerWatch } from './server-watch.ts';
import { TaskRecords } from './task-records.ts';
import { TokenTimes } from './token-times.ts';
import { UnansweredStarts } from './unanswered-starts.ts';

export interface RedisStateStoreOptions {
  /** A client like those that the store makes. */
  readonly client: RedisClient;
  /** What the Redis is called in messages. */
  readonly place: string;
  readonly prefix: string;
  readonly leaseMs: number;
  /** What runs durable tasks. */
  readonly queue?: JobQueue;
}

/** How often, in a lease's time, those in use are renewed. */
const ticksPerLease = 3;

/** How many tokens are looked at in one turn of the event loop. */
const tokensPerTurn = 100;

/** How long a store that closes takes to say so, at most, in ms. */
const leaveMs = 1_000;

/** What no node has: the records of a store that was not opened. */
const noNode = '-';

export class RedisStateStore implements StateStore {
  readonly durable: RedisDurableTasks | null;
  readonly #options: RedisStateStoreOptions;
  readonly #redis: RedisConnection;
  readonly #doorbell: Doorbell;
  readonly #server: ServerWatch;
  readonly #times = new TokenTimes();
  readonly #tokenHost: TokenHost;
  readonly #records: TaskRecords;
  /** Those that somebody watches, or has or wants the lease of. */
  readonly #tokens = new Map<TokenKey, OpenToken>();
  readonly #presence = new PresenceCount();
  readonly #due: DueIndex;
  #registry: NodeRegistry | null = null;
  #unanswered: UnansweredStarts | null = null;
  #opening: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: RedisStateStoreOptions) {
    this.#options = options;
    const connection = { client: options.client, silenceMs: options.leaseMs };
    this.#redis = new RedisConnection(connection);
    this.#doorbell = new Doorbell(connection);
    this.#due = new DueIndex(this.#redis, options.prefix);
    this.#tokenHost = this.#createTokenHost();
    this.durable = this.#createDurable();
    this.#records = new TaskRecords(this.#tokenHost);
    this.#server = new ServerWatch(this.#redis.client, {
      onDoubt: () => {
        this.#registry?.doubt();
        this.#forEachToken((token) => token.doubt());
      },
      onBack: () => this.#forEachToken((token) => token.ring()),
      onAnother: () => this.#doorbell.reconnect(),
    });
  }

  get generation(): string {
    return this.#server.generation;
  }

  get available(): boolean {
    return this.#redis.available && this.#doorbell.available;
  }

  /** The first app's is told of lost tasks. */
  open(host: StoreHost): Promise<void> {
    this.#opening ??= this.#open(host).catch(async (error: unknown) => {
      await this.close();
      throw error;
    });
    return this.#opening;
  }

  async acquire(key: TokenKey, known: Position, onLost: () => void): Promise<Lease> {
    this.#use(key);
    const token = this.#token(key);
    const { catchUp, lease, release } = await token.acquire(known, onLost).catch((error) => {
      this.#closeIfUnused(token);
      throw error;
    });
    return new GuardedLease(catchUp, {
      commit: (commit) => token.commit(lease, commit),
      release: async () => {
        await release();
        this.#closeIfUnused(token);
      },
    });
  }

  async read(key: TokenKey, known: Position): Promise<CatchUp> {
    // A first look is a use; one to see what is new is not.
    if (known.version === 0) this.#use(key);
    const token = this.#tokens.get(key);
    // One that nobody watches is not to be heard of.
    return (token ?? new OpenToken(key, this.#tokenHost)).read(known);
  }

  watch(key: TokenKey, watcher: TokenWatcher): () => void {
    const token = this.#token(key);
    const unwatch = token.watchers.add(watcher);
    return () => {
      unwatch();
      this.#closeIfUnused(token);
    };
  }

  keep(keys: Iterable<TokenKey>, ttlMs: number): void {
    this.#times.set(ttlMs);
    for (const key of keys) this.#use(key);
  }

  /** Redis deletes tokens by itself; who watches one is asked to look, should a message have been lost. */
  async sweep(): Promise<void> {
    this.#times.sweep();
    const tokens = [...this.#tokens.values()];
    for (let start = 0; start < tokens.length; start += tokensPerTurn) {
      for (const token of tokens.slice(start, start + tokensPerTurn)) token.ring();
      await turn();
    }
  }

  async trackTasks(key: TokenKey, tasks: TaskChanges): Promise<void> {
    await this.#records.track(key, tasks);
  }

  async updateTask(key: TokenKey, task: TaskRecord): Promise<boolean> {
    return this.#records.update(key, task);
  }

  async cancelTask(key: TokenKey, taskId: string): Promise<boolean> {
    return this.#records.cancel(key, taskId);
  }

  async listTasks(key: TokenKey): Promise<readonly StoredTask[]> {
    return this.#records.list(key);
  }

  async enter(key: TokenKey, state: string): Promise<boolean> {
    return this.#presence.enter(key, state) ? this.#enterNode(key, state) : false;
  }

  async leave(key: TokenKey, state: string): Promise<boolean> {
    if (!this.#presence.leave(key, state)) return false;
    try {
      return await this.#leaveNode(key, state);
    } catch (error) {
      // It is still there, for all that Redis knows.
      this.#presence.enter(key, state);
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #createTokenHost(): TokenHost {
    const store = this;
    return {
      prefix: this.#options.prefix,
      redis: this.#redis,
      leaseMs: this.#options.leaseMs,
      get node() {
        return store.#registry?.id ?? noNode;
      },
      get ttl() {
        return store.#times.ttl;
      },
      isKept: (key) => this.#times.isKept(key),
      listener: this.#doorbell.id,
      heard: (channel) => this.#doorbell.heard(channel),
      holds: (key) => (this.#registry?.holds(key) || this.durable?.holds(key)) ?? false,
      hold: async (key, count) => (await this.#registry?.hold(key, count)) ?? noNode,
      onUnanswered: (key, started, node) => void this.#unanswered?.add(key, started, node),
      letGo: (key, count, node) => this.#registry?.letGo(key, count, node),
      expect: (key, ids) => this.#due.expect(key, ids),
      forget: (key, ids) => this.#due.forget(key, ids),
    };
  }

  #createDurable(): RedisDurableTasks | null {
    const { queue, client, prefix, leaseMs } = this.#options;
    if (!queue) return null;
    return new RedisDurableTasks({
      ...{ queue, client, prefix, leaseMs, redis: this.#redis, index: this.#due },
      heard: (channel) => this.#doorbell.heard(channel),
      use: (key) => this.#use(key),
    });
  }

  async #open(host: StoreHost): Promise<void> {
    const { place, prefix, leaseMs } = this.#options;
    this.#doorbell.connect();
    await this.#redis.connect().catch((error: unknown) => {
      const { refusal } = this.#server;
      throw refusal ? new StoreOpenError(place, refusal, { cause: error }) : error;
    });
    await checkServer(this.#redis, { place, logger: host.logger });
    this.durable?.open(host.logger);
    const onDisowned = () => {
      host.onDisowned();
      void this.#enterAgain();
    };
    this.#registry = new NodeRegistry(
      { redis: this.#redis, prefix, nodeMs: leaseMs },
      { ...host, onDisowned },
    );
    this.#unanswered = new UnansweredStarts(
      { redis: this.#redis, prefix, registry: this.#registry },
      host,
    );
    await this.#registry.start();
    this.#timer = setInterval(() => this.#tick(), leaseMs / ticksPerLease).unref();
  }

  async #close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#unanswered?.close();
    this.#registry?.halt();
    await this.durable?.close();
    if (this.#redis.available) {
      // Others need not wait until leases lapse and this node counts as gone, but they can.
      await settledWithin(this.#goAway(), { clock: systemClock, ms: leaveMs });
    }
    this.#doorbell.close();
    this.#redis.close();
  }

  async #enterNode(key: TokenKey, state: string): Promise<boolean> {
    const { hold, ttl } = this.#tokenHost;
    const node = await hold(key, 1);
    const { head, present, over } = tokenKeys(this.#options.prefix, key);
    const answer = await this.#redis.run(enterScript, [present, head, over], [state, node, ttl]);
    return answer === 1;
  }

  async #leaveNode(key: TokenKey, state: string): Promise<boolean> {
    const { present } = tokenKeys(this.#options.prefix, key);
    const { node, letGo } = this.#tokenHost;
    const answer = await this.#redis.run(leaveStateScript, [present], [state, node]);
    const [removed, isLast] = answer as [number, number];
    letGo(key, removed, node);
    return isLast === 1;
  }

  /** As another node: what the one before had entered is somebody else's. */
  async #enterAgain(): Promise<void> {
    for (const [key, state] of this.#presence.all()) {
      try {
        await this.#enterNode(key, state);
        // Whoever left meanwhile has left before.
        if (!this.#presence.has(key, state)) await this.#leaveNode(key, state);
      } catch {
        // Redis is away: it is told when the last one leaves.
      }
    }
  }

  async #goAway(): Promise<void> {
    await Promise.all([...this.#tokens.values()].map((token) => token.close()));
    await this.#registry?.leave();
  }

  #forEachToken(act: (token: OpenToken) => void): void {
    for (const token of this.#tokens.values()) act(token);
  }

  #token(key: TokenKey): OpenToken {
    if (this.#closing) throw new ShuttingDownError();
    let token = this.#tokens.get(key);
    if (!token) {
      token = new OpenToken(key, this.#tokenHost);
      this.#tokens.set(key, token);
    }
    this.#doorbell.listen(token.keys.channel, token);
    return token;
  }

  /** Nobody needs it now; it stays for a while, since somebody may come back. */
  #closeIfUnused(token: OpenToken): void {
    if (!token.isUnused) return;
    this.#doorbell.unlisten(token.keys.channel, () => {
      if (token.isUnused && this.#tokens.get(token.key) === token) this.#tokens.delete(token.key);
    });
  }

  #use(key: TokenKey): void {
    if (!this.#times.use(key)) return;
    const { head, log, snapshot, tasks, memories, present } = tokenKeys(this.#options.prefix, key);
    const { ttl } = this.#times;
    this.#redis
      .run(keepScript, [head, log, snapshot, tasks, memories, present], [ttl])
      .catch(() => this.#times.forget(key));
  }

  #tick(): void {
    this.#doorbell.check();
    for (const token of this.#tokens.values()) {
      token.tick().then(
        () => this.#closeIfUnused(token),
        () => {},
      );
    }
  }
}
