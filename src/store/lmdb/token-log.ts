import { ConflictError, StoreCorruptedError } from '../../errors/index.ts';
import {
  emptySnapshot,
  type Position,
  positionOf,
  type TokenSnapshot,
} from '../../state/snapshot.ts';
import { turn } from '../../time/turn.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { apply } from '../../values/apply.ts';
import type { Operation } from '../../values/operation.ts';
import { snapshotChunks } from '../snapshot-chunks.ts';
import type { CatchUp, Commit, Entry } from '../state-store.ts';
import { decode, encode } from './codec.ts';
import type { Database, Stored, Table } from './database.ts';
import { type Key, numbered, numberIn, tokenRecord } from './keys.ts';
import type { TokenTasks } from './token-tasks.ts';

/** The stored snapshot of a token: the log before it is of no more use. */
interface Head {
  readonly position: Position;
  /** How many chunks it has. */
  readonly chunks: number;
  readonly bytes: number;
}

/** A log shorter than this is never compacted. */
const minLogBytes = 256 * 1024;

/** About how many bytes of a snapshot are encoded and written at once. */
const chunkBytes = 64 * 1024;

/** How many entries are deleted in one turn of the event loop. */
const deletedPerTurn = 500;

/**
 * A token on the disk: entries, and a snapshot to begin from. The log is replaced
 * by a snapshot as soon as it is as large as one, so that in the long run a commit
 * costs what it changed, twice, and a cold load costs what the state is, twice.
 */
export class TokenLog {
  readonly #key: TokenKey;
  readonly #db: Database;
  readonly #tasks: TokenTasks;
  #head: Head | null;
  #position: Position;
  /** Bytes of the entries after the snapshot. */
  #bytes = 0;
  /** How many bytes of them set off a compaction. */
  #limit: number;
  #compaction: Promise<void> | null = null;
  #isAbandoned = false;

  /** @throws {@link StoreCorruptedError} */
  constructor(key: TokenKey, db: Database, tasks: TokenTasks) {
    this.#key = key;
    this.#db = db;
    this.#tasks = tasks;
    if (db.damagedTokens.has(key)) throw new StoreCorruptedError('the record of a task is damaged');
    this.#head = db.get<Head>(db.heads, tokenRecord(key), 'the head of its snapshot');
    this.#position = this.#head?.position ?? emptySnapshot;
    const stored = this.#storedAfter(this.#position.version);
    for (const { value } of stored) this.#bytes += value.length;
    const last = stored.at(-1);
    if (last) this.#position = positionOf(decodeEntry(last));
    this.#limit = this.#compactionLimit();
    if (this.#position.version === 0 && db.isKnown(key)) {
      throw new StoreCorruptedError('its log is missing');
    }
  }

  /** @throws {@link StoreCorruptedError} */
  catchUp(known: Position): CatchUp {
    if (known.id === this.#position.id) return { snapshot: null, entries: [] };
    if (this.#position.version === 0) return { snapshot: emptySnapshot, entries: [] };
    const snapshot = this.#isInLog(known) ? null : this.#snapshot();
    const from = snapshot ?? known;
    return { snapshot, entries: this.#entriesAfter(from) };
  }

  /**
   * @throws {@link ConflictError}
   * @throws {@link SupersededError}
   * @throws {@link TaskLostError}
   * @throws {@link TaskCancelledError}
   * @throws {@link StoreWriteError}
   */
  async append(commit: Commit, keptUntil: number): Promise<void> {
    const { entry, after } = commit;
    const { version, id } = this.#position;
    if (entry.previousId !== id || entry.version !== version + 1) throw new ConflictError();
    const db = this.#db;
    const at = numbered(this.#key, entry.version);
    const { previousId, operations, changed } = entry;
    const written: Entry = { previousId, operations, changed, ...positionOf(entry) };
    const bytes = encode(written, at);
    await this.#tasks.commit(commit, () => {
      db.entries.put(at, bytes);
      if (version === 0) db.putKeptUntil(this.#key, keptUntil);
    });
    this.#position = positionOf(entry);
    this.#bytes += bytes.length;
    if (this.#bytes > this.#limit) this.#compaction ??= this.#compact(after);
  }

  get isCompacting(): boolean {
    return this.#compaction !== null;
  }

  /** Gives up the compaction that is under way; until its last write it has changed nothing. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    await this.#compaction;
  }

  #compactionLimit(): number {
    return Math.max(minLogBytes, this.#head?.bytes ?? 0);
  }

  /** Whether the entries after a position are there. */
  #isInLog(known: Position): boolean {
    const start = this.#head?.position ?? emptySnapshot;
    if (known.version <= start.version) return known.id === start.id;
    const at = numbered(this.#key, known.version);
    return this.#db.get<Entry>(this.#db.entries, at, nameOf(known.version))?.id === known.id;
  }

  #snapshot(): TokenSnapshot {
    if (!this.#head) return emptySnapshot;
    const { position, chunks } = this.#head;
    const operations: Operation[] = [];
    for (let part = 0; part < chunks; part += 1) {
      const at = numbered(this.#key, position.version, part);
      const chunk = this.#db.get<Operation[]>(this.#db.chunks, at, `chunk ${part} of the snapshot`);
      if (!chunk) throw new StoreCorruptedError(`chunk ${part} of the snapshot is missing`);
      for (const operation of chunk) operations.push(operation);
    }
    const states = apply(Object.freeze({}), operations) as TokenSnapshot['states'];
    return Object.freeze({ ...position, states });
  }

  /** Each of them following the one before. */
  #entriesAfter(position: Position): Entry[] {
    let last = position;
    return this.#storedAfter(position.version).map((stored) => {
      const entry = decodeEntry(stored);
      if (entry.version !== last.version + 1 || entry.previousId !== last.id) {
        throw new StoreCorruptedError(`${nameOf(last.version + 1)} is missing`);
      }
      last = positionOf(entry);
      return entry;
    });
  }

  /** The entries after a version, as they are stored. */
  #storedAfter(version: number): Stored[] {
    const start = numbered(this.#key, version + 1);
    const end = numbered(this.#key, Number.MAX_SAFE_INTEGER);
    return this.#db.range(this.#db.entries, { start, end });
  }

  /** One at a time: what the log has grown by meanwhile is for the next. */
  async #compact(after: TokenSnapshot): Promise<void> {
    const logBytes = this.#bytes;
    await turn();
    try {
      await this.#writeSnapshot(after, logBytes);
    } catch {
      // For want of room, say: it is tried again when the log has grown by as much once more.
      this.#limit += this.#compactionLimit();
    } finally {
      this.#compaction = null;
    }
  }

  /** Until its head is written, a snapshot does not count. */
  async #writeSnapshot(snapshot: TokenSnapshot, logBytes: number): Promise<void> {
    const db = this.#db;
    const position = positionOf(snapshot);
    let chunks = 0;
    let bytes = 0;
    for (const operations of snapshotChunks(snapshot.states, chunkBytes)) {
      if (this.#isAbandoned) return;
      const at = numbered(this.#key, position.version, chunks);
      const chunk = encode(operations, at);
      await db.write(() => db.chunks.put(at, chunk));
      chunks += 1;
      bytes += chunk.length;
      await turn();
    }
    if (this.#isAbandoned) return;
    const head: Head = { position, chunks, bytes };
    const at = tokenRecord(this.#key);
    await db.write(() => db.heads.put(at, encode(head, at)));
    this.#head = head;
    this.#bytes -= logBytes;
    this.#limit = this.#compactionLimit();
    await this.#deleteOld(position.version);
  }

  /** What came before the snapshot, and what an unfinished one left. */
  async #deleteOld(version: number): Promise<void> {
    const db = this.#db;
    const start = numbered(this.#key, 0);
    const oldEntries = { start, end: numbered(this.#key, version + 1) };
    await this.#deleteAll(db.entries, db.keys(db.entries, oldEntries));
    const oldChunks = { start, end: numbered(this.#key, version) };
    await this.#deleteAll(db.chunks, db.keys(db.chunks, oldChunks));
  }

  async #deleteAll(table: Table, keys: readonly Key[]): Promise<void> {
    for (let start = 0; start < keys.length && !this.#isAbandoned; start += deletedPerTurn) {
      await this.#db.write(() => {
        for (const key of keys.slice(start, start + deletedPerTurn)) table.remove(key);
      });
      await turn();
    }
  }
}

function decodeEntry({ key, value }: Stored): Entry {
  return decode<Entry>(value, key, nameOf(numberIn(key)));
}

function nameOf(version: number): string {
  return `entry ${version} of its log`;
}
