import { Cluster } from 'ioredis';
import { StoreOpenError } from '../../errors/index.ts';
import type { Logger } from '../../logging/logger.ts';
import type { RedisConnection } from './redis-connection.ts';

/** The oldest Redis whose scripts and sharded channels are what the store is written for. */
const minVersion = 7;

/**
 * Looks at how the Redis is set up.
 *
 * @throws {@link StoreOpenError} if it would lose states by itself, or is too old.
 */
export async function checkServer(
  redis: RedisConnection,
  { place, logger }: { readonly place: string; readonly logger: Logger },
): Promise<void> {
  const { client } = redis;
  const servers = client instanceof Cluster ? client.nodes('master') : [client];
  for (const server of servers) {
    const info = parseInfo(await redis.send(() => server.info()));
    const version = info['redis_version'] ?? 'unknown';
    if (Number.parseInt(version, 10) < minVersion) {
      throw new StoreOpenError(place, `it is Redis ${version}, older than ${minVersion}`);
    }
    const policy = info['maxmemory_policy'] ?? 'noeviction';
    if (policy !== 'noeviction') {
      throw new StoreOpenError(
        place,
        `its maxmemory-policy is ${policy}, by which states would vanish: set it to noeviction`,
      );
    }
    if (info['aof_enabled'] === '0') {
      const message =
        'this Redis has no append-only file (appendonly yes): commits that were acknowledged are lost when it ends';
      logger.warn({ place }, message);
    }
  }
}

/** What the command INFO answers, by name. */
export function parseInfo(text: string): Record<string, string> {
  const lines = text.split('\r\n').map((line) => line.split(':', 2));
  return Object.fromEntries(lines.filter(([, value]) => value !== undefined));
}
