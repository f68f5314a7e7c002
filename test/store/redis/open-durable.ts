import { bullmq } from 'statewire/bullmq';
import { redisStore } from 'statewire/redis';
import { onTestFinished } from 'vitest';
import type { DurableHost, DurableTasks } from '../../../src/store/durable-tasks.ts';
import type { StateStore } from '../../../src/store/state-store.ts';
import type { TokenKey } from '../../../src/tokens/token-key.ts';
import { silentLogger } from '../../support/silent-logger.ts';

export interface DurableNode {
  readonly store: StateStore;
  readonly durable: DurableTasks;
  /** The ids of those that it was told to run, one for each time. */
  readonly ran: string[];
  /** What it was told that it found. */
  readonly found: [TokenKey, string][];
}

interface DurableNodeOptions {
  readonly leaseMs?: number;
  readonly queue?: ReturnType<typeof bullmq>;
  readonly run?: DurableHost['run'];
}

/** An open store of its own node, closed after the test; tasks are run and found when it is started. */
export async function openDurable(
  port: number,
  { leaseMs = 5_000, queue = bullmq() }: Pick<DurableNodeOptions, 'leaseMs' | 'queue'> = {},
): Promise<Pick<DurableNode, 'store' | 'durable'>> {
  const store = redisStore({ url: `redis://127.0.0.1:${port}`, leaseMs, queue });
  onTestFinished(() => store.close());
  await store.open({ logger: silentLogger, onInherit() {}, onDisowned() {} });
  return { store, durable: store.durable as DurableTasks };
}

/** The same, started. By default a task has ended as soon as it is run, for all that is known. */
export async function startDurable(
  port: number,
  { run = async () => null, ...options }: DurableNodeOptions = {},
): Promise<DurableNode> {
  const node = { ...(await openDurable(port, options)), ran: [] as string[], found: [] as never[] };
  const found: [TokenKey, string][] = node.found;
  await node.durable.start({
    run(key, id) {
      node.ran.push(id);
      return run(key, id);
    },
    onFound: (key, id) => void found.push([key, id]),
  });
  return node;
}
