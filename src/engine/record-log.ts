import type { Position, StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';
import type { Entry } from '../store/state-store.ts';
import { apply } from '../values/apply.ts';

/** One commit, as subscribers read it. */
export interface LogRecord {
  readonly position: Position;
  readonly changed: Readonly<Record<string, readonly string[]>>;
  readonly snapshot: TokenSnapshot;
}

/** How many commits subscribers can be behind and still get each of them. */
const maxRecords = 256;

/** After so many commits the log keeps the states there: so many are applied, at most, to have those after one. */
const chunkLength = 64;

/** Of so many commits the states are at hand: for whoever takes them a moment later. */
const maxLatest = 2;

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
  #latest: LogRecord[] = [];
  /** What was made again last: who is behind asks for the next one then. */
  #made: { readonly chunk: Chunk; readonly record: LogRecord } | null = null;

  clear(): void {
    this.#chunks = [];
    this.#latest = [];
    this.#made = null;
  }

  /** Adds the commit that leads from one snapshot to the next. */
  append(before: TokenSnapshot, entry: Entry, after: TokenSnapshot): void {
    this.#chunkAfter(before).entries.push(entry);
    if (this.#latest.length === maxLatest) this.#latest.shift();
    this.#latest.push(recordOf(entry, after));
  }

  /** Adds entries; returns the states after them. */
  extend(before: TokenSnapshot, entries: readonly Entry[]): TokenSnapshot {
    const after = applyEntries(before, entries);
    const last = entries.at(-1);
    if (!last) return before;
    if (entries.length > maxRecords) {
      this.clear();
      before = applyEntries(before, entries.slice(0, -maxRecords));
    }
    const chunk = this.#chunkAfter(before);
    for (const entry of entries.slice(-maxRecords)) chunk.entries.push(entry);
    this.#latest = [recordOf(last, after)];
    return after;
  }

  /** The commit of that number, or null if the log does not reach back to it. */
  get(version: number): LogRecord | null {
    const newest = this.#latest.at(-1)?.position.version ?? 0;
    if (version > newest || version <= newest - maxRecords) return null;
    const latest = this.#latest[version - newest + this.#latest.length - 1];
    return latest ?? this.#makeAgain(version);
  }

  /** The chunk that goes on from there. */
  #chunkAfter(before: TokenSnapshot): Chunk {
    const last = this.#chunks.at(-1);
    if (last && last.entries.length < chunkLength) return last;
    const chunk = { before, entries: [] };
    this.#chunks.push(chunk);
    const firstOfUse = before.position.version - maxRecords;
    this.#chunks = this.#chunks.filter((_, at) => {
      const next = this.#chunks[at + 1];
      return !next || next.before.position.version > firstOfUse;
    });
    return chunk;
  }

  #makeAgain(version: number): LogRecord | null {
    const chunk = this.#chunks.findLast(({ before }) => before.position.version < version);
    if (!chunk) return null;
    const known = this.#made?.chunk === chunk ? this.#made.record : null;
    let record = known && known.position.version <= version ? known : null;
    const { version: first } = chunk.before.position;
    const done = (record?.position.version ?? first) - first;
    for (const entry of chunk.entries.slice(done, version - first)) {
      record = recordOf(entry, applyEntries(record?.snapshot ?? chunk.before, [entry]));
    }
    if (record) this.#made = { chunk, record };
    return record;
  }
}

function recordOf({ changed }: Entry, snapshot: TokenSnapshot): LogRecord {
  return { position: snapshot.position, changed, snapshot };
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
  const { version, id, firstId } = entries.at(-1) ?? before.position;
  return Object.freeze({
    position: Object.freeze({ version, id, firstId }),
    states: Object.freeze(states),
  });
}
