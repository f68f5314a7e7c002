import { createHash } from 'node:crypto';
import { InvalidCursorError } from '../errors/index.ts';
import type { Position } from '../state/snapshot.ts';
import type { TokenKey } from '../tokens/token-key.ts';

/** A commit, as the store had it when it told of it. */
export interface Place extends Position {
  /** See {@link StateStore.generation}. */
  readonly generation: string;
}

/** What a cursor says: a commit, and which history it belongs to. */
export interface Cursor {
  readonly version: number;
  readonly shortId: string;
  /** Follows from the token and its first commit. */
  readonly history: string;
  readonly generation: string;
}

/** Enough of a commit's id to tell two histories apart: 48 random bits. */
const shortIdBytes = 6;

/**
 * The opaque text by which a client names a place in a token's history. What
 * changes from one to the next is at its end, so that a wire delta names only that.
 */
export function formatCursor(key: TokenKey, place: Place): string {
  const { version, id, firstId, generation } = place;
  return [generation, historyTag(key, firstId), shortIdOf(id), version].join('.');
}

/** @throws {@link InvalidCursorError} */
export function parseCursor(cursor: string): Cursor {
  const parts = /^([\w-]{8})\.([\w-]{8})\.([\w-]{0,8})\.(\d{1,16})$/.exec(cursor);
  if (!parts) throw new InvalidCursorError();
  const [, generation, history, shortId, version] = parts as unknown as string[];
  return { version: Number(version), shortId, history, generation } as Cursor;
}

/** Of hexadecimal digits, as the engine gives them to each commit; earlier versions gave UUIDs. Of nothing before the first. */
export function shortIdOf(id: string): string {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  return bytes.subarray(0, shortIdBytes).toString('base64url');
}

/** Before the first commit `firstId` is empty. */
export function historyTag(key: TokenKey, firstId: string): string {
  return createHash('sha256').update(`${key}.${firstId}`).digest('base64url').slice(0, 8);
}
