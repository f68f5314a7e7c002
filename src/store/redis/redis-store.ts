import { Cluster, Redis } from 'ioredis';
import type { StateStore } from '../state-store.ts';
import type { JobQueue } from './job-queue.ts';
import type { RedisClient } from './redis-client.ts';
import { RedisStateStore } from './redis-state-store.ts';

interface RedisStoreSettings {
  /** What the names of all keys and channels begin with. Default: `statewire:`. */
  readonly prefix?: string;
  /**
   * How long a node may be silent, in ms, before others go on without it: the lease
   * of a lock it holds, and its life. Default: 5,000.
   */
  readonly leaseMs?: number;
  /**
   * What runs durable tasks, see `bullmq` of statewire/bullmq. It belongs to this store
   * alone. Default: none, so that there can be no durable tasks.
   */
  readonly queue?: JobQueue;
}

/** Which Redis: its URL, or a client of ioredis. The store makes connections of its own like it. */
type RedisStorePlace =
  | { readonly url: string; readonly client?: never }
  | { readonly client: RedisClient; readonly url?: never };

export type RedisStoreOptions = RedisStoreSettings & RedisStorePlace;

/**
 * States in Redis 7 or newer, for any number of nodes. Connects when an app opens it.
 *
 * @throws TypeError for options that make no sense.
 */
export function redisStore(options: RedisStoreOptions): StateStore {
  const { url, prefix = 'statewire:', leaseMs = 5_000, queue } = options;
  assertOptions({ prefix, leaseMs, queue });
  const client = options.client ?? clientFor(url);
  return new RedisStateStore({ client, place: placeOf(client), prefix, leaseMs, queue });
}

function clientFor(url: unknown): Redis {
  if (typeof url !== 'string' || !/^rediss?:\/\//.test(url)) {
    throw new TypeError(`Expected url to begin with redis:// or rediss://, or a client.`);
  }
  return new Redis(url, { lazyConnect: true });
}

function assertOptions({
  prefix,
  leaseMs,
  queue,
}: Required<Pick<RedisStoreSettings, 'prefix' | 'leaseMs'>> &
  Pick<RedisStoreSettings, 'queue'>): void {
  if (typeof prefix !== 'string' || /[{}\s]/.test(prefix)) {
    throw new TypeError(
      `Expected prefix to be a string without braces and spaces, got ${JSON.stringify(prefix)}.`,
    );
  }
  if (!Number.isInteger(leaseMs) || leaseMs < 100 || leaseMs > 600_000) {
    throw new TypeError(
      `Expected leaseMs to be a whole number from 100 to 600,000, got ${leaseMs}.`,
    );
  }
  if (queue !== undefined && typeof queue?.open !== 'function') {
    throw new TypeError('Expected queue to be what bullmq of statewire/bullmq makes.');
  }
}

/** For messages: without its password. */
function placeOf(client: RedisClient): string {
  if (client instanceof Cluster) return 'a Redis Cluster';
  const { host, port, path, sentinels, name } = client.options;
  if (sentinels?.length) return `the Redis ${name} of a Sentinel`;
  return path ?? `${host}:${port}`;
}
