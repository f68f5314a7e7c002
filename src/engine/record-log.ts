import type { StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';
import type { Entry } from '../store/state-store.ts';
import { apply } from '../values/apply.ts';

/** One commit, as subscribers read it. */
export interface LogRecord {
  readonly changed: Readonly<Record<string, readonly string[]>>;
  /** The states after it. */
  readonly snapshot: TokenSnapshot;
}

/** How many commits subscribers can be behind and still get each of them. */
const maxRecords = 256;

/** After so many commits the log keeps the states there: so many are applied, at most, to have those after one. */
const chunkLength = 64;

/** Commits in a row, and the states before them. */
interface Chunk {
  readonly before: TokenSnapshot;
  readonly entries: Entry[];
}

/**
 * The latest commits of a token. Kept are what they changed, and the states here and there:
 * with all states after each of them, a long list would be there 256 times.
 */
export class RecordLog {
  /** Each begins where the one before it ends. */
  #chunks: Chunk[] = [];
  #newest: TokenSnapshot | null = null;
  /** The one before: for whoever takes it a moment later. */
  #secondNewest: TokenSnapshot | null = null;
  /** What was made again last: who is behind asks for the next one then. */
  #made: { readonly chunk: Chunk; readonly snapshot: TokenSnapshot } | null = null;

  clear(): void {
    this.#chunks = [];
    this.#newest = null;
    this.#secondNewest = null;
    this.#made = null;
  }

  /** Adds the commit that leads from one snapshot to the next. */
  append(before: TokenSnapshot, entry: Entry, after: TokenSnapshot): void {
    this.#chunkAfter(before).entries.push(entry);
    this.#secondNewest = this.#newest;
    this.#newest = after;
  }

  /** Adds entries; returns the states after them. */
  extend(before: TokenSnapshot, entries: readonly Entry[]): TokenSnapshot {
    if (entries.length === 0) return before;
    const after = applyEntries(before, entries);
    if (entries.length > maxRecords) {
      this.clear();
      before = applyEntries(before, entries.slice(0, -maxRecords));
    }
    const chunk = this.#chunkAfter(before);
    for (const entry of entries.slice(-maxRecords)) chunk.entries.push(entry);
    this.#secondNewest = null;
    this.#newest = after;
    return after;
  }

  /** The commit of that number, or null if the log does not reach back to it. */
  get(version: number): LogRecord | null {
    const newest = this.#newest?.version ?? 0;
    if (version > newest || version <= newest - maxRecords) return null;
    const chunk = this.#chunkOf(version);
    const entry = chunk?.entries[version - chunk.before.version - 1];
    if (!entry) return null;
    const atHand = this.#atHand(version) ?? this.#makeAgain(chunk, version);
    return { changed: entry.changed, snapshot: atHand };
  }

  #chunkOf(version: number): Chunk | undefined {
    for (let at = this.#chunks.length - 1; at >= 0; at -= 1) {
      const chunk = this.#chunks[at];
      if (chunk && chunk.before.version < version) return chunk;
    }
    return undefined;
  }

  #atHand(version: number): TokenSnapshot | null {
    if (this.#newest?.version === version) return this.#newest;
    return this.#secondNewest?.version === version ? this.#secondNewest : null;
  }

  /** The chunk that goes on from there. */
  #chunkAfter(before: TokenSnapshot): Chunk {
    const last = this.#chunks.at(-1);
    if (last && last.entries.length < chunkLength) return last;
    const chunk = { before, entries: [] };
    this.#chunks.push(chunk);
    const firstOfUse = before.version - maxRecords;
    this.#chunks = this.#chunks.filter((_, at) => {
      const next = this.#chunks[at + 1];
      return !next || next.before.version > firstOfUse;
    });
    return chunk;
  }

  #makeAgain(chunk: Chunk, version: number): TokenSnapshot {
    const known = this.#made?.chunk === chunk ? this.#made.snapshot : chunk.before;
    let snapshot = known.version <= version ? known : chunk.before;
    const { version: first } = chunk.before;
    for (const entry of chunk.entries.slice(snapshot.version - first, version - first)) {
      snapshot = applyEntries(snapshot, [entry]);
    }
    this.#made = { chunk, snapshot };
    return snapshot;
  }
}

function applyEntries(before: TokenSnapshot, entries: readonly Entry[]): TokenSnapshot {
  const operations = entries.flatMap((entry) => entry.operations);
  const applied = apply(before.states, operations) as Record<string, StateSnapshot>;
  const states: Record<string, StateSnapshot> = { ...applied };
  for (const { changed, version } of entries) {
    for (const name of Object.keys(changed)) {
      const state = states[name];
      if (state) states[name] = Object.freeze({ ...state, version });
    }
  }
  const { version, id, firstId } = entries.at(-1) ?? before;
  return Object.freeze({ version, id, firstId, states: Object.freeze(states) });
}
