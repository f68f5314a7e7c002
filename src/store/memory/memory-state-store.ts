import { Mutex } from 'async-mutex';
import { ConflictError } from '../../errors/index.ts';
import { emptySnapshot, type Position, type TokenSnapshot } from '../../state/snapshot.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { CatchUp, Entry, Lease, StateStore } from '../state-store.ts';

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
  return new MemoryStateStore();
}

class MemoryStateStore implements StateStore {
  readonly #tokens = new Map<TokenKey, StoredToken>();

  async acquire(key: TokenKey, known: Position): Promise<Lease> {
    const token = this.#token(key);
    const release = await token.lease.acquire();
    return new MemoryLease(token, catchUp(token, known), release);
  }

  async read(key: TokenKey, known: Position): Promise<CatchUp> {
    const token = this.#tokens.get(key);
    return token ? catchUp(token, known) : { snapshot: null, entries: [] };
  }

  watch(key: TokenKey, onCommit: () => void): () => void {
    const { watchers } = this.#token(key);
    watchers.add(onCommit);
    return () => watchers.delete(onCommit);
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

  async commit(entry: Entry, after: TokenSnapshot): Promise<void> {
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

function catchUp(token: StoredToken, known: Position): CatchUp {
  const { position } = token.snapshot;
  if (known.id === position.id) return { snapshot: null, entries: [] };
  const next = token.log.findIndex((entry) => entry.previousId === known.id);
  return next < 0
    ? { snapshot: token.snapshot, entries: [] }
    : { snapshot: null, entries: token.log.slice(next) };
}
