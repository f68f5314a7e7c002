import { ConflictError, StoreCorruptedError } from '../../errors/index.ts';
import { emptySnapshot, type Position, type TokenSnapshot } from '../../state/snapshot.ts';
import { turn } from '../../time/turn.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { apply } from '../../values/apply.ts';
import type { Operation } from '../../values/operation.ts';
import type { CatchUp, Commit, Entry } from '../state-store.ts';
import { decode, encode } from './codec.ts';
import type { Database, Key, Table } from './database.ts';
import { snapshotChunks } from './snapshot-chunks.ts';

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
  #head: Head | null;
  #position: Position;
  /** Bytes of the entries after the snapshot. */
  #bytes = 0;
  /** How many bytes of them set off a compaction. */
  #limit: number;
  #compaction: Promise<void> | null = null;
  #isDeleted = false;

  /** @throws {@link StoreCorruptedError} */
  constructor(key: TokenKey, db: Database) {
    this.#key = key;
    this.#db = db;
    this.#head = db.get<Head>(db.heads, key, 'the head of the snapshot');
    this.#position = this.#head?.position ?? emptySnapshot.position;
    let last: Encoded | null = null;
    for (const encoded of this.#read(this.#position.version + 1)) {
      this.#bytes += encoded.value.length;
      last = encoded;
    }
    if (last) this.#position = positionOf(decodeEntry(last));
    this.#limit = this.#compactionLimit();
    if (this.#position.version === 0 && db.isKnown(key)) {
      throw new StoreCorruptedError('its log is missing');
    }
  }

  get position(): Position {
    return this.#position;
  }

  /** @throws {@link StoreCorruptedError} */
  catchUp(known: Position): CatchUp {
    if (known.id === this.#position.id) return { snapshot: null, entries: [] };
    if (this.#position.version === 0) return { snapshot: emptySnapshot, entries: [] };
    const snapshot = this.#isInLog(known) ? null : this.#snapshot();
    const from = snapshot?.position ?? known;
    return { snapshot, entries: this.#entriesAfter(from) };
  }

  /**
   * @throws {@link ConflictError}
   * @throws {@link StoreWriteError}
   */
  async append({ entry, after, tasks }: Commit, keptUntil: number): Promise<void> {
    const { version, id } = this.#position;
    if (entry.previousId !== id || entry.version !== version + 1) throw new ConflictError();
    const bytes = encode(entry);
    const db = this.#db;
    await db.write(() => {
      db.entries.put([this.#key, entry.version], bytes);
      if (version === 0) db.putKeptUntil(this.#key, keptUntil);
      db.putTasks(this.#key, tasks);
    });
    this.#position = positionOf(entry);
    this.#bytes += bytes.length;
    if (this.#bytes > this.#limit) this.#compact(after);
  }

  /** Deletes all of the token. */
  async delete(): Promise<void> {
    this.#isDeleted = true;
    await this.#compaction;
    const db = this.#db;
    await db.write(() => db.removeToken(this.#key));
  }

  get isCompacting(): boolean {
    return this.#compaction !== null;
  }

  /** Resolves when no compaction is under way. */
  async settled(): Promise<void> {
    await this.#compaction;
  }

  #compactionLimit(): number {
    return Math.max(minLogBytes, this.#head?.bytes ?? 0);
  }

  /** Whether the entries after a position are there. */
  #isInLog(known: Position): boolean {
    const start = this.#head?.position ?? emptySnapshot.position;
    if (known.version <= start.version) return known.id === start.id;
    const at = [this.#key, known.version];
    return this.#db.get<Entry>(this.#db.entries, at, nameOf(known.version))?.id === known.id;
  }

  #snapshot(): TokenSnapshot | null {
    if (!this.#head) return null;
    const { position, chunks } = this.#head;
    const operations: Operation[] = [];
    for (let part = 0; part < chunks; part += 1) {
      const at = [this.#key, position.version, part];
      const chunk = this.#db.get<Operation[]>(this.#db.chunks, at, `chunk ${part} of the snapshot`);
      if (!chunk) throw new StoreCorruptedError(`chunk ${part} of the snapshot is missing`);
      for (const operation of chunk) operations.push(operation);
    }
    const states = apply(Object.freeze({}), operations) as TokenSnapshot['states'];
    return Object.freeze({ position, states });
  }

  /** Each of them following the one before. */
  #entriesAfter(position: Position): Entry[] {
    let last = position;
    return Array.from(this.#read(position.version + 1), (encoded) => {
      const entry = decodeEntry(encoded);
      if (entry.version !== last.version + 1 || entry.previousId !== last.id) {
        throw new StoreCorruptedError(`${nameOf(last.version + 1)} is missing`);
      }
      last = positionOf(entry);
      return entry;
    });
  }

  *#read(from: number): Generator<Encoded> {
    const range = { start: [this.#key, from], end: [this.#key, Number.POSITIVE_INFINITY] };
    for (const { key, value } of this.#db.entries.getRange(range)) {
      yield { version: (key as [string, number])[1], value };
    }
  }

  #compact(after: TokenSnapshot): void {
    // One that fails, for want of room say, is tried again when the log has grown by as much once more.
    this.#limit += this.#compactionLimit();
    const before = this.#compaction ?? Promise.resolve();
    const compaction = before
      .then(() => this.#writeSnapshot(after))
      .catch(() => {})
      .then(() => {
        if (this.#compaction === compaction) this.#compaction = null;
      });
    this.#compaction = compaction;
  }

  /** Until its head is written, a snapshot does not count. */
  async #writeSnapshot({ position, states }: TokenSnapshot): Promise<void> {
    const db = this.#db;
    const logBytes = this.#bytes;
    let chunks = 0;
    let bytes = 0;
    for (const operations of snapshotChunks(states, chunkBytes)) {
      if (this.#isDeleted) return;
      const chunk = encode(operations);
      await db.write(() => db.chunks.put([this.#key, position.version, chunks], chunk));
      chunks += 1;
      bytes += chunk.length;
      await turn();
    }
    if (this.#isDeleted) return;
    const head: Head = { position, chunks, bytes };
    await db.write(() => db.heads.put(this.#key, encode(head)));
    this.#head = head;
    this.#bytes -= logBytes;
    this.#limit = this.#compactionLimit();
    await this.#deleteOld(position.version);
  }

  /** What came before the snapshot, and what an unfinished one left. */
  async #deleteOld(version: number): Promise<void> {
    const db = this.#db;
    const oldEntries = { start: [this.#key, 0], end: [this.#key, version + 1] };
    await this.#deleteAll(db.entries, [...db.entries.getKeys(oldEntries)]);
    const oldChunks = { start: [this.#key, 0], end: [this.#key, version] };
    await this.#deleteAll(db.chunks, [...db.chunks.getKeys(oldChunks)]);
  }

  async #deleteAll(table: Table, keys: readonly Key[]): Promise<void> {
    for (let start = 0; start < keys.length && !this.#isDeleted; start += deletedPerTurn) {
      await this.#db.write(() => {
        for (const key of keys.slice(start, start + deletedPerTurn)) table.remove(key);
      });
      await turn();
    }
  }
}

interface Encoded {
  readonly version: number;
  readonly value: Buffer;
}

function decodeEntry({ version, value }: Encoded): Entry {
  return decode<Entry>(value, nameOf(version));
}

function nameOf(version: number): string {
  return `entry ${version} of its log`;
}

function positionOf({ version, id, firstId }: Entry): Position {
  return Object.freeze({ version, id, firstId });
}
