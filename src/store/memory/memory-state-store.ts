import { Mutex } from 'async-mutex';
import { ConflictError, LeaseLostError, TaskLostError } from '../../errors/index.ts';
import { emptySnapshot, type Position, type TokenSnapshot } from '../../state/snapshot.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { newGeneration } from '../new-generation.ts';
import { PresenceCount } from '../presence-count.ts';
import type {
  CatchUp,
  Commit,
  Entry,
  Lease,
  StateStore,
  TaskChanges,
  TaskRecord,
} from '../state-store.ts';
import { TokenLifetimes } from '../token-lifetimes.ts';

interface StoredToken {
  readonly lease: Mutex;
  readonly watchers: Set<() => void>;
  /** Those that run, by their ids. */
  readonly tasks: Map<string, TaskRecord>;
  snapshot: TokenSnapshot;
  log: Entry[];
}

/** How many entries a token's log keeps for copies and cursors that fell behind. */
const maxLogEntries = 256;

/**
 * States in the memory of this process, gone with it. Several apps may share
 * one: they then behave as nodes of one cluster.
 */
export function memoryStore(): StateStore {
  return new MemoryStateStore(systemClock);
}

/** The {@link memoryStore} on any clock. */
export class MemoryStateStore implements StateStore {
  readonly generation = newGeneration();
  readonly available = true;
  readonly #tokens = new Map<TokenKey, StoredToken>();
  readonly #lifetimes: TokenLifetimes;
  readonly #presence = new PresenceCount();

  constructor(clock: Clock) {
    this.#lifetimes = new TokenLifetimes(clock);
  }

  /** All ends with the process that holds this store: nothing is ever left. */
  async open(): Promise<void> {}

  async acquire(key: TokenKey, known: Position): Promise<Lease> {
    this.#forgetIfOver(key);
    const token = this.#token(key);
    const release = await token.lease.acquire();
    return new MemoryLease(token, catchUp(token, known), release);
  }

  async read(key: TokenKey, known: Position): Promise<CatchUp> {
    this.#forgetIfOver(key);
    const token = this.#tokens.get(key);
    return catchUp(token ?? { snapshot: emptySnapshot, log: [] }, known);
  }

  watch(key: TokenKey, onCommit: () => void): () => void {
    const { watchers } = this.#token(key);
    watchers.add(onCommit);
    return () => watchers.delete(onCommit);
  }

  keep(keys: Iterable<TokenKey>, ttlMs: number): void {
    this.#lifetimes.keep(keys, ttlMs);
  }

  async sweep(): Promise<void> {
    for (const key of this.#lifetimes.keys) this.#forgetIfOver(key);
  }

  async trackTasks(key: TokenKey, changes: TaskChanges): Promise<void> {
    track(this.#token(key), changes);
  }

  async listTasks(key: TokenKey): Promise<readonly TaskRecord[]> {
    return [...(this.#tokens.get(key)?.tasks.values() ?? [])];
  }

  async enter(key: TokenKey, state: string): Promise<boolean> {
    return this.#presence.enter(key, state);
  }

  async leave(key: TokenKey, state: string): Promise<boolean> {
    return this.#presence.leave(key, state);
  }

  async close(): Promise<void> {
    this.#tokens.clear();
  }

  #token(key: TokenKey): StoredToken {
    let token = this.#tokens.get(key);
    if (!token) {
      token = {
        lease: new Mutex(),
        watchers: new Set(),
        tasks: new Map(),
        snapshot: emptySnapshot,
        log: [],
      };
      this.#tokens.set(key, token);
    }
    return token;
  }

  #forgetIfOver(key: TokenKey): void {
    const token = this.#tokens.get(key);
    if (!this.#lifetimes.isOver(key) || token?.lease.isLocked()) return;
    this.#lifetimes.forget(key);
    if (!token?.watchers.size) {
      this.#tokens.delete(key);
      return;
    }
    // Whoever still looks at it goes on with a fresh state.
    token.snapshot = emptySnapshot;
    token.log = [];
    token.tasks.clear();
    for (const onCommit of token.watchers) onCommit();
  }
}

class MemoryLease implements Lease {
  readonly catchUp: CatchUp;
  readonly #token: StoredToken;
  #release: (() => void) | null;

  constructor(token: StoredToken, missing: CatchUp, release: () => void) {
    this.catchUp = missing;
    this.#token = token;
    this.#release = release;
  }

  async commit({ entry, after, tasks, task }: Commit): Promise<void> {
    const token = this.#token;
    const { version, id } = token.snapshot.position;
    if (!this.#release) throw new LeaseLostError();
    if (entry.previousId !== id || entry.version !== version + 1) throw new ConflictError();
    const needed = task === null ? tasks.ended : [...tasks.ended, task];
    if (!needed.every((each) => token.tasks.has(each))) throw new TaskLostError();
    track(token, tasks);
    token.snapshot = after;
    token.log.push(entry);
    if (token.log.length > maxLogEntries) token.log.shift();
    for (const onCommit of token.watchers) onCommit();
  }

  async release(): Promise<void> {
    this.#release?.();
    this.#release = null;
  }
}

function track({ tasks }: StoredToken, { started, ended }: TaskChanges): void {
  for (const record of started) tasks.set(record.id, record);
  for (const id of ended) tasks.delete(id);
}

function catchUp(
  { snapshot, log }: Pick<StoredToken, 'snapshot' | 'log'>,
  known: Position,
): CatchUp {
  if (known.id === snapshot.position.id) return { snapshot: null, entries: [] };
  const next = log.findIndex((entry) => entry.previousId === known.id);
  return next < 0 ? { snapshot, entries: [] } : { snapshot: null, entries: log.slice(next) };
}
