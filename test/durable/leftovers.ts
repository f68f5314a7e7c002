import type { RedisServer } from '../support/redis-server.ts';

/** Keys that are there only while there are durable tasks: jobs, by the ids of their tasks, where they are, and records. */
const ofTasks = [
  /^statewire:\{jobs\}:tasks:([0-9a-f-]{36}.*|wait|active|delayed|prioritized|completed|failed)$/,
  /^statewire:\{durable\}:due$/,
  /^statewire:\{[^}]+\}:(tasks|memories)$/,
];

/** What Redis has of durable tasks that have not ended. */
export async function leftovers(redis: RedisServer): Promise<string[]> {
  const keys = (await redis.command('KEYS', '*')) as string[];
  return keys.filter((key) => ofTasks.some((pattern) => pattern.test(key)));
}

/** How many jobs there ever were. */
export async function jobsAdded(redis: RedisServer): Promise<number> {
  const events = await redis.command('XRANGE', 'statewire:{jobs}:tasks:events', '-', '+');
  const fields = (events as [string, string[]][]).map(([, pairs]) => pairs);
  return fields.filter((pairs) => pairs[pairs.indexOf('event') + 1] === 'added').length;
}
