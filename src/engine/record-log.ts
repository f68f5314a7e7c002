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

/** The latest commits of a token, each with the states after it. */
export class RecordLog {
  #records: LogRecord[] = [];
  /** What came before the records, not yet made into such: few ask for it. */
  #early: { readonly before: TokenSnapshot; readonly entries: readonly Entry[] } | null = null;

  clear(): void {
    this.#records = [];
    this.#early = null;
  }

  append(entry: Entry, snapshot: TokenSnapshot): void {
    this.#records.push(recordOf(entry, snapshot));
    if (this.#records.length + (this.#early?.entries.length ?? 0) > maxRecords) {
      this.#makeEarly();
      this.#records.shift();
    }
  }

  /** Adds entries; returns the states after them. */
  extend(before: TokenSnapshot, entries: readonly Entry[]): TokenSnapshot {
    const [entry] = entries;
    if (!entry) return before;
    const after = applyEntries(before, entries);
    if (entries.length === 1) {
      this.append(entry, after);
      return after;
    }
    const kept = entries.slice(-maxRecords);
    if (this.#records.length > 0 || this.#early || kept.length < entries.length) {
      this.#makeEarly();
      let snapshot = applyEntries(before, entries.slice(0, -kept.length));
      if (kept.length < entries.length) this.clear();
      for (const each of kept) {
        snapshot = applyEntries(snapshot, [each]);
        this.append(each, snapshot);
      }
    } else {
      this.#early = { before, entries };
    }
    return after;
  }

  /** The commit of that number, or null if the log does not reach back to it. */
  get(version: number): LogRecord | null {
    const firstMade = this.#records[0]?.position.version ?? Number.POSITIVE_INFINITY;
    if (version < firstMade) this.#makeEarly();
    const first = this.#records[0]?.position.version;
    return first === undefined ? null : (this.#records[version - first] ?? null);
  }

  #makeEarly(): void {
    if (!this.#early) return;
    const { before, entries } = this.#early;
    this.#early = null;
    let snapshot = before;
    const records = entries.map((entry) => {
      snapshot = applyEntries(snapshot, [entry]);
      return recordOf(entry, snapshot);
    });
    this.#records.unshift(...records);
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
