import type { StateStore } from 'statewire';
import { redisStore } from 'statewire/redis';
import { onTestFinished } from 'vitest';
import { silentLogger } from '../../support/silent-logger.ts';

/** An open store of its own node, closed after the test, and the ids of tasks that it was told are lost. */
export async function openStore(
  port: number,
  leaseMs = 5_000,
): Promise<{ readonly store: StateStore; readonly lost: string[] }> {
  const store = redisStore({ url: `redis://127.0.0.1:${port}`, leaseMs });
  onTestFinished(() => store.close());
  const lost: string[] = [];
  await store.open({
    logger: silentLogger,
    onInherit: (_key, { tasks }) => lost.push(...tasks.map(({ id }) => id)),
    onDisowned() {},
  });
  return { store, lost };
}
