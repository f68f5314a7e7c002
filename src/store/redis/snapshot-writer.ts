import { randomBytes } from 'node:crypto';
import { positionOf, type TokenSnapshot } from '../../state/snapshot.ts';
import { turn } from '../../time/turn.ts';
import { snapshotChunks } from '../snapshot-chunks.ts';
import { encode } from './codec.ts';
import type { TokenKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { logLimit } from './scripts/commit.ts';
import { replaceSnapshotScript, writeChunkScript } from './scripts/snapshot.ts';

/** About how much of a snapshot is encoded and sent at once. */
const chunkBytes = 64 * 1024;

/** How long what is left of an unfinished one stays, in ms. */
const unfinishedMs = 60_000;

/** A state that the log may begin from, and how much log there was then. */
interface Candidate {
  readonly snapshot: TokenSnapshot;
  readonly bytes: number;
}

/**
 * Writes snapshots of one token, beside the way of its events. The log then begins
 * there, so it is never of the newest state: a cursor of the last 64 commits, or
 * of half as many bytes as the log may have, finds its entry on every node.
 */
export class SnapshotWriter {
  readonly #redis: RedisConnection;
  readonly #keys: TokenKeys;
  /** Bytes of the entries that this node has seen go by. */
  #bytes = 0;
  #older: Candidate | null = null;
  #newer: Candidate | null = null;
  #isDue = false;
  #isWriting = false;

  constructor(redis: RedisConnection, keys: TokenKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** A commit of this node was stored; the log may be too long now. */
  note(after: TokenSnapshot, bytes: number, isLong: boolean): void {
    this.#bytes += bytes;
    const fresh = { snapshot: after, bytes: this.#bytes };
    this.#newer ??= fresh;
    if (this.#isOldEnough(this.#newer, fresh)) {
      this.#older = this.#newer;
      this.#newer = fresh;
    }
    this.#isDue ||= isLong;
    if (!this.#isDue || !this.#older || this.#isWriting) return;
    this.#isDue = false;
    void this.#begin(this.#older.snapshot);
  }

  #isOldEnough(candidate: Candidate, newest: Candidate): boolean {
    const entries = newest.snapshot.version - candidate.snapshot.version;
    const bytes = newest.bytes - candidate.bytes;
    return entries >= logLimit.entries / 2 || bytes >= logLimit.bytes / 2;
  }

  async #begin(snapshot: TokenSnapshot): Promise<void> {
    this.#isWriting = true;
    await turn();
    try {
      await this.#replace(snapshot);
    } catch {
      // The log stays as it is, and a commit after a while asks again.
    } finally {
      this.#isWriting = false;
    }
  }

  async #replace(replaced: TokenSnapshot): Promise<void> {
    const { head, log, snapshot } = this.#keys;
    const fresh = `${snapshot}:${randomBytes(6).toString('base64url')}`;
    let last = '';
    let chunks = 0;
    let bytes = 0;
    for (const operations of snapshotChunks(replaced.states, chunkBytes)) {
      if (chunks > 0) await this.#write(fresh, [chunks, last, unfinishedMs]);
      last = encode(operations);
      bytes += last.length;
      chunks += 1;
      if (chunks > 1) await turn();
    }
    const position = positionOf(replaced);
    const header = encode({ position, chunks });
    const args = [position.version, position.id, bytes, header, chunks, last];
    await this.#redis.run(replaceSnapshotScript, [head, log, snapshot, fresh], args);
  }

  #write(fresh: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#redis.run(writeChunkScript, [fresh], args);
  }
}
