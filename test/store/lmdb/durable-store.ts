import { lmdbStore } from 'statewire/lmdb';
import { onTestFinished } from 'vitest';
import { emptySnapshot } from '../../../src/state/snapshot.ts';
import type { DurableTasks } from '../../../src/store/durable-tasks.ts';
import type { Commit, StateStore } from '../../../src/store/state-store.ts';
import type {
  EndedTask,
  StoredTask,
  TaskMemory,
  TaskRecord,
} from '../../../src/store/stored-task.ts';
import { hashToken, type TokenKey } from '../../../src/tokens/token-key.ts';
import { silentLogger } from '../../support/silent-logger.ts';

export const key = hashToken('T');

interface OpenStore {
  readonly store: StateStore;
  readonly durable: DurableTasks;
  /** What a former process has left, that is lost. */
  readonly lost: readonly StoredTask[];
  /** The ids of the durable tasks that it has left. */
  readonly found: readonly string[];
}

/** A store in a folder, whose durable tasks are found, and run by nobody. */
export async function openStore(path: string): Promise<OpenStore> {
  const store = lmdbStore({ path });
  onTestFinished(() => store.close());
  const lost: StoredTask[] = [];
  const found: string[] = [];
  const onInherit = (_key: TokenKey, { tasks }: { readonly tasks: readonly StoredTask[] }) => {
    lost.push(...tasks);
  };
  await store.open({ logger: silentLogger, onInherit, onDisowned() {} });
  if (!store.durable) throw new Error('Expected a store of durable tasks.');
  await store.durable.start({
    run: async () => null,
    onFound: (_key, id) => void found.push(id),
  });
  return { store, durable: store.durable, lost, found };
}

export function record(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  const known = { state: 'Cell', event: 'work', parent: null, context: null, createdAt: 0 };
  const progress = { startedAt: null, progress: null, message: null };
  return { id, attempt: 0, durable: { failures: 0, settled: 0 }, ...known, ...progress, ...more };
}

/** What an attempt at a task saves. */
export function memory(id: string, attempt = 0, checkpoint: unknown = null): TaskMemory {
  return { id, args: { at: new Date(7), big: 2n ** 70n }, checkpoint, attempt };
}

export function ended(id: string, attempt: number): EndedTask {
  const ending = { outcome: 'SUCCEEDED', endedAt: 5, error: null } as const;
  return { record: record(id, { attempt }), ending, listedMs: 60_000 };
}

/** Puts a durable task on record. */
export function start(store: StateStore, id: string, token = key): Promise<void> {
  const started = [record(id)];
  return store.trackTasks(token, { started, ended: [], saved: [memory(id)] });
}

export function end(store: StateStore, id: string, attempt: number): Promise<void> {
  return store.trackTasks(key, { started: [], ended: [ended(id, attempt)] });
}

/** The number of commits to a token. */
export async function versionIn(store: StateStore, token = key): Promise<number> {
  const { snapshot, entries } = await store.read(token, emptySnapshot);
  return entries.at(-1)?.version ?? snapshot?.version ?? 0;
}

/** The next commit to a token: its states stay empty. */
export async function commit(
  store: StateStore,
  more: Partial<Commit> = {},
  token = key,
): Promise<void> {
  const lease = await store.acquire(token, emptySnapshot, () => {});
  try {
    const before = lease.catchUp.entries.at(-1) ?? emptySnapshot;
    const version = before.version + 1;
    const position = { version, id: `${version}`, firstId: '1' };
    await lease.commit({
      entry: { ...position, previousId: before.id, operations: [], changed: {} },
      after: { ...position, states: {} },
      tasks: { started: [], ended: [] },
      task: null,
      isLast: true,
      ...more,
    });
  } finally {
    await lease.release();
  }
}
