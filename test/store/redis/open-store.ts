import type { StateStore } from 'statewire';
import { redisStore } from 'statewire/redis';
import { onTestFinished } from 'vitest';
import type { StoredTask } from '../../../src/store/stored-task.ts';
import { silentLogger } from '../../support/silent-logger.ts';

/** An open store of its own node, closed after the test, and the tasks that it was told it inherits. */
export async function openStore(
  port: number,
  leaseMs = 5_000,
): Promise<{ readonly store: StateStore; readonly inherited: StoredTask[] }> {
  const store = redisStore({ url: `redis://127.0.0.1:${port}`, leaseMs });
  onTestFinished(() => store.close());
  const inherited: StoredTask[] = [];
  await store.open({
    logger: silentLogger,
    onInherit: (_key, { tasks }) => inherited.push(...tasks),
    onDisowned() {},
  });
  return { store, inherited };
}
