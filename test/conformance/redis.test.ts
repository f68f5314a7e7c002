import { randomUUID } from 'node:crypto';
import { redisStore } from 'statewire/redis';
import { afterAll, beforeAll } from 'vitest';
import { RedisServer } from '../support/redis-server.ts';
import { conformanceSuite } from './conformance-suite.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

conformanceSuite('redis', () => {
  const prefix = `${randomUUID()}:`;
  return () => redisStore({ url: redis.url, prefix });
});
