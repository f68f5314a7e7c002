import { Mutex } from 'async-mutex';
import { ConflictError } from '../../errors/index.ts';
import { emptySnapshot, type Position, type TokenSnapshot } from '../../state/snapshot.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { newGeneration } from '../new-generation.ts';
import type { CatchUp, Commit, Entry, Lease, StateStore, TaskRecord } from '../state-store.ts';
import { TokenLifetimes } from '../token-lifetimes.ts';

interface StoredToken {
  readonly lease: Mutex;
  readonly watchers: Set<() => void>;
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
  readonly #tokens = new Map<TokenKey, StoredToken>();
  readonly #lifetimes: TokenLifetimes;

  constructor(clock: Clock) {
    this.#lifetimes = new TokenLifetimes(clock);
  }

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

  /** Tasks end with the process that holds this store: there is nobody to keep a record for. */
  async trackTasks(): Promise<void> {}

  async takeLostTasks(): Promise<ReadonlyMap<TokenKey, readonly TaskRecord[]>> {
    return new Map();
  }

  async close(): Promise<void> {
    this.#tokens.clear();
  }

  #token(key: TokenKey): StoredToken {
    let token = this.#tokens.get(key);
    if (!token) {
      token = { lease: new Mutex(), watchers: new Set(), snapshot: emptySnapshot, log: [] };
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

  async commit({ entry, after }: Commit): Promise<void> {
    const token = this.#token;
    const { version, id } = token.snapshot.position;
    if (!this.#release || entry.previousId !== id || entry.version !== version + 1) {
      throw new ConflictError();
    }
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

function catchUp(
  { snapshot, log }: Pick<StoredToken, 'snapshot' | 'log'>,
  known: Position,
): CatchUp {
  if (known.id === snapshot.position.id) return { snapshot: null, entries: [] };
  const next = log.findIndex((entry) => entry.previousId === known.id);
  return next < 0 ? { snapshot, entries: [] } : { snapshot: null, entries: log.slice(next) };
}
