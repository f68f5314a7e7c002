import type { Cluster, Redis } from 'ioredis';

/** A connection of ioredis, to one Redis (by Sentinel, say) or to a Redis Cluster. */
export type RedisClient = Redis | Cluster;
