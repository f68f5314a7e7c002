import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import { ShuttingDownError } from '../../errors/index.ts';
import type { RedisClient } from './redis-client.ts';
import { isPassing, translated } from './redis-errors.ts';

/** What the store needs of its connections, whatever those of its user's client do. */
const settings = {
  lazyConnect: true,
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

/** Another client like the given one, that waits to be connected. */
export function clientLike(
  { client, silenceMs }: ConnectionOptions,
  more: { readonly autoResubscribe?: boolean } = {},
): RedisClient {
  const { lazyConnect, retryStrategy, ...common } = settings;
  const options = {
    ...common,
    ...more,
    commandTimeout: 2 * silenceMs,
    socketTimeout: silenceMs,
    connectTimeout: silenceMs,
  };
  if (!(client instanceof Cluster)) {
    return client.duplicate({ ...options, lazyConnect, retryStrategy });
  }
  return client.duplicate([], {
    lazyConnect,
    clusterRetryStrategy: retryStrategy,
    shardedSubscribers: true,
    redisOptions: options,
  });
}

/** The connection that commands go through: retries what may succeed, and turns errors into ours. */
export class RedisConnection {
  readonly client: RedisClient;
  readonly #commandMs: number;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.client = clientLike(options);
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
  async send<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw new ShuttingDownError();
    const deadline = performance.now() + this.#commandMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await command(this.client);
      } catch (error) {
        if (this.#closed) throw new ShuttingDownError();
        if (!isPassing(error) || performance.now() > deadline) throw translated(error);
        await sleep(retryMs(attempt));
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.client.disconnect();
  }
}
