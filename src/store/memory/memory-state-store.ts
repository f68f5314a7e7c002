import { ConflictError, LeaseLostError } from '../../errors/index.ts';
import type { Position } from '../../state/snapshot.ts';
import type { MaybePromise } from '../../time/at-once.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { DurableQueue } from '../durable-queue.ts';
import type { DurableTask } from '../durable-tasks.ts';
import { newGeneration } from '../new-generation.ts';
import { PresenceCount } from '../presence-count.ts';
import type { CatchUp, Commit, Lease, StateStore, TokenWatcher } from '../state-store.ts';
import type { StoredTask, TaskChanges, TaskRecord } from '../stored-task.ts';
import {
  assertMayCommit,
  assertMayTrack,
  isChange,
  mayUpdate,
  nextAttemptOf,
  oldestFirst,
} from '../task-rules.ts';
import { TokenLifetimes } from '../token-lifetimes.ts';
import { EndedTasks } from './ended-tasks.ts';
import { StoredToken } from './stored-token.ts';

/**
 * States in the memory of this process, gone with it. Several apps may share
 * one: they then behave as nodes of one cluster.
 */
export function memoryStore(): StateStore {
  return new MemoryStateStore(systemClock);
}

/** The {@link memoryStore} on any clock; for tests with durable tasks too, as long as it lasts. */
export class MemoryStateStore implements StateStore {
  readonly generation = newGeneration();
  readonly available = true;
  readonly durable: DurableQueue | null;
  readonly #clock: Clock;
  readonly #tokens = new Map<TokenKey, StoredToken>();
  readonly #endedTasks: EndedTasks;
  readonly #lifetimes: TokenLifetimes;
  readonly #presence = new PresenceCount();

  constructor(clock: Clock, { hasDurable = false }: { readonly hasDurable?: boolean } = {}) {
    this.#clock = clock;
    this.durable = hasDurable ? this.#createDurable() : null;
    this.#endedTasks = new EndedTasks(clock);
    this.#lifetimes = new TokenLifetimes(clock);
  }

  /** All ends with the process that holds this store: nothing is ever left. */
  async open(): Promise<void> {}

  acquire(key: TokenKey, known: Position): MaybePromise<Lease> {
    this.#forgetIfOver(key);
    const token = this.#token(key);
    const turn = token.lease.take();
    const grant = () =>
      new MemoryLease(token, known, (changes) => this.#track(key, token, changes));
    return turn ? turn.then(grant) : grant();
  }

  async read(key: TokenKey, known: Position): Promise<CatchUp> {
    this.#forgetIfOver(key);
    return (this.#tokens.get(key) ?? new StoredToken()).since(known);
  }

  watch(key: TokenKey, watcher: TokenWatcher): () => void {
    return this.#token(key).watchers.add(watcher);
  }

  keep(keys: Iterable<TokenKey>, ttlMs: number): void {
    this.#lifetimes.keep(keys, ttlMs);
  }

  async sweep(): Promise<void> {
    for (const key of this.#lifetimes.keys) this.#forgetIfOver(key);
    this.#endedTasks.sweep();
  }

  async trackTasks(key: TokenKey, changes: TaskChanges): Promise<void> {
    const token = this.#token(key);
    assertMayTrack((id) => token.tasks.get(id), changes);
    this.#track(key, token, changes);
    if (isChange(changes)) token.watchers.onTasks();
  }

  async updateTask(key: TokenKey, record: TaskRecord): Promise<boolean> {
    const token = this.#tokens.get(key);
    const task = token?.tasks.get(record.id);
    if (!token || !mayUpdate(task, record)) return false;
    token.put({ ...task, record });
    token.watchers.onTasks();
    return true;
  }

  async cancelTask(key: TokenKey, taskId: string): Promise<boolean> {
    const token = this.#tokens.get(key);
    const task = token?.tasks.get(taskId);
    if (!token || !task) return false;
    token.put({ ...task, cancelledAt: task.cancelledAt ?? this.#clock.now() });
    token.watchers.onTasks();
    token.watchers.onCancel(taskId);
    return true;
  }

  async listTasks(key: TokenKey): Promise<readonly StoredTask[]> {
    const onRecord = this.#tokens.get(key)?.tasks.values() ?? [];
    return oldestFirst([...this.#endedTasks.of(key), ...onRecord]);
  }

  async enter(key: TokenKey, state: string): Promise<boolean> {
    return this.#presence.enter(key, state);
  }

  async leave(key: TokenKey, state: string): Promise<boolean> {
    return this.#presence.leave(key, state);
  }

  async close(): Promise<void> {
    await this.durable?.pause();
    this.#tokens.clear();
    this.#endedTasks.clear();
  }

  #token(key: TokenKey): StoredToken {
    let token = this.#tokens.get(key);
    if (!token) {
      token = new StoredToken();
      this.#tokens.set(key, token);
    }
    return token;
  }

  #createDurable(): DurableQueue {
    return new DurableQueue({
      ...{ found: [], clock: this.#clock },
      read: async (key, id) => this.#durableTask(key, id),
      claim: async (key, id) => this.#claim(key, id),
    });
  }

  #durableTask(key: TokenKey, id: string): DurableTask | null {
    const token = this.#tokens.get(key);
    const task = token?.tasks.get(id);
    const memory = token?.memories.get(id);
    return task && memory ? { task, memory } : null;
  }

  #claim(key: TokenKey, id: string): DurableTask | null {
    const found = this.#durableTask(key, id);
    if (!found) return null;
    const task = nextAttemptOf(found.task);
    const token = this.#token(key);
    token.put(task);
    token.watchers.onTasks();
    return { ...found, task };
  }

  #track(key: TokenKey, token: StoredToken, changes: TaskChanges): void {
    const { started, ended, saved = [] } = changes;
    for (const memory of saved) token.remember(memory);
    for (const record of started) token.put({ record, cancelledAt: null, ending: null });
    for (const { record, ending, listedMs } of ended) {
      const task = token.tasks.get(record.id);
      if (!task) continue;
      token.remove(record.id);
      this.#endedTasks.add(key, { ...task, record, ending }, ending.endedAt, listedMs);
    }
  }

  #forgetIfOver(key: TokenKey): void {
    if (!this.#lifetimes.isOver(key)) return;
    const token = this.#tokens.get(key);
    if (token?.lease.isTaken || token?.memories.size) return;
    this.#lifetimes.forget(key);
    if (!token?.watchers.size) {
      this.#tokens.delete(key);
      return;
    }
    // Whoever still looks at it goes on with a fresh state.
    token.clear();
    token.watchers.onCommit();
    token.watchers.onTasks();
  }
}

class MemoryLease implements Lease {
  readonly catchUp: CatchUp;
  readonly #token: StoredToken;
  readonly #track: (changes: TaskChanges) => void;
  #isReleased = false;

  constructor(token: StoredToken, known: Position, track: (changes: TaskChanges) => void) {
    this.catchUp = token.since(known);
    this.#token = token;
    this.#track = track;
  }

  commit(commit: Commit): void {
    const { entry, after, tasks } = commit;
    const token = this.#token;
    const { version, id } = token.snapshot;
    if (this.#isReleased) throw new LeaseLostError();
    if (entry.previousId !== id || entry.version !== version + 1) throw new ConflictError();
    assertMayCommit((id) => token.tasks.get(id), commit);
    this.#track(tasks);
    token.append(entry, after);
    token.watchers.onCommit();
    if (isChange(tasks)) token.watchers.onTasks();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#token.lease.leave();
  }
}
