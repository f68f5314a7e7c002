import { randomUUID } from 'node:crypto';
import { bullmq } from 'statewire/bullmq';
import { redisStore } from 'statewire/redis';
import { afterAll, beforeAll } from 'vitest';
import { RedisServer } from '../support/redis-server.ts';
import { conformanceSuite } from './conformance-suite.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

const createRestartable = (leaseMs: number) => () => {
  const prefix = `${randomUUID()}:`;
  return () => redisStore({ url: redis.url, prefix, leaseMs, queue: bullmq() });
};

conformanceSuite('redis', createRestartable(5_000), createRestartable(1_000));
