import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import { ShuttingDownError } from '../../errors/index.ts';
import { systemClock } from '../../time/clock.ts';
import { withinTime } from '../../time/within-time.ts';
import type { RedisClient } from './redis-client.ts';
import { isPassing, isUnknownScript, translated } from './redis-errors.ts';
import type { Script } from './script.ts';
import { WriteBatch } from './write-batch.ts';

/** What the store needs of its connections, whatever those of its user's client do. */
const settings = {
  // Scripts name keys and channels by themselves, and count on what numbers look like.
  keyPrefix: '',
  stringNumbers: false,
  enableAutoPipelining: false,
  // Commands in flight are sent again: each of ours may be.
  autoResendUnfulfilledCommands: true,
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  enableReadyCheck: true,
  retryStrategy: retryMs,
  // A master that was demoted: connect again, to the one that is master now, and send it again.
  reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 2 : false),
} as const;

/** How long to wait before the next attempt, in ms. */
function retryMs(attempt: number): number {
  return Math.min(25 * 2 ** attempt, 1_000) * (0.75 + Math.random() / 2);
}

export interface ConnectionOptions {
  /** A client like those that are made. */
  readonly client: RedisClient;
  /** How long Redis may be silent before a connection counts as broken, in ms. A command may go unanswered for twice as long. */
  readonly silenceMs: number;
}

interface ClientTraits {
  readonly autoResubscribe?: boolean;
  /** For how long its commands may block, in ms. It connects by itself then, and gives up none. */
  readonly blockMs?: number;
}

/** Another client like the given one, that waits to be connected. */
export function clientLike(
  { client, silenceMs }: ConnectionOptions,
  { blockMs, ...more }: ClientTraits = {},
): RedisClient {
  const { retryStrategy, ...common } = settings;
  const { keyPrefix, enableOfflineQueue, enableAutoPipelining } = settings;
  const isBlocking = blockMs !== undefined;
  const lazyConnect = !isBlocking;
  const options = {
    ...common,
    ...more,
    commandTimeout: isBlocking ? undefined : 2 * silenceMs,
    socketTimeout: (blockMs ?? 0) + silenceMs,
    connectTimeout: silenceMs,
  };
  if (!(client instanceof Cluster)) {
    return client.duplicate({ ...options, lazyConnect, retryStrategy });
  }
  return client.duplicate([], {
    // Replicas may lack what was just written.
    scaleReads: 'master',
    // A cluster has these of its own beside those of its nodes.
    ...{ keyPrefix, enableOfflineQueue, enableAutoPipelining },
    lazyConnect,
    clusterRetryStrategy: retryStrategy,
    shardedSubscribers: true,
    redisOptions: options,
  });
}

/** The connection that commands go through: retries what may succeed, and turns errors into ours. */
export class RedisConnection {
  readonly client: RedisClient;
  readonly #batch: WriteBatch;
  readonly #commandMs: number;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.client = clientLike(options);
    this.#batch = new WriteBatch(this.client);
    this.#commandMs = 2 * options.silenceMs;
    // Told to whoever asks for something.
    this.client.on('error', () => {});
  }

  get available(): boolean {
    return this.client.status === 'ready';
  }

  /** Connects, and goes on trying; resolves at the first success. */
  async connect(): Promise<void> {
    // A first attempt that fails is followed by others.
    this.client.connect().catch(() => {});
    await this.send((client) => client.ping());
  }

  /**
   * Runs a command that may be run twice.
   *
   * @throws {@link StoreUnavailableError}, {@link StoreWriteError}, {@link StoreCorruptedError}
   */
  send<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new ShuttingDownError());
    const sentAt = performance.now();
    this.#batch.add();
    return this.#sent(command).catch((error) => this.#retry(command, error, sentAt));
  }

  /** The same for a script. */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const { sha, source } = script;
    let isKnown = true;
    return this.send((client) => {
      if (!isKnown) return client.eval(source, keys.length, ...keys, ...args);
      // Once again after a failure: of a script that was never loaded there, or flushed since.
      isKnown = false;
      return client.evalsha(sha, keys.length, ...keys, ...args);
    });
  }

  #sent<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const sending = command(this.client);
    // A cluster that nobody knows the nodes of has it wait without an end.
    if (!(this.client instanceof Cluster)) return sending;
    const onTimeout = () => new Error('The cluster did not answer in time.');
    return withinTime(sending, { clock: systemClock, ms: this.#commandMs, onTimeout });
  }

  async #retry<T>(
    command: (client: RedisClient) => Promise<T>,
    firstError: unknown,
    sentAt: number,
  ): Promise<T> {
    let error = firstError;
    for (let attempt = 1; ; attempt += 1) {
      if (this.#closed) throw new ShuttingDownError();
      const isLate = performance.now() > sentAt + this.#commandMs;
      if (!isUnknownScript(error)) {
        if (!isPassing(error) || isLate) throw translated(error);
        await sleep(retryMs(attempt));
      }
      try {
        return await this.#sent(command);
      } catch (next) {
        error = next;
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.client.disconnect();
  }
}
