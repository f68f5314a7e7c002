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
  readonly id: string;
  /** Follows from the token and its first commit. */
  readonly history: string;
  readonly generation: string;
}

/** The opaque text by which a client names a place in a token's history. */
export function formatCursor(key: TokenKey, place: Place): string {
  const { version, id, firstId, generation } = place;
  const parts = [version, id, historyTag(key, firstId), generation];
  return Buffer.from(parts.join('.')).toString('base64url');
}

/** @throws {@link InvalidCursorError} */
export function parseCursor(cursor: string): Cursor {
  const text = cursor.length > 160 ? '' : Buffer.from(cursor, 'base64url').toString();
  const parts = /^(\d{1,16})\.([\w-]{0,64})\.([\w-]{8})\.([\w-]{8})$/.exec(text);
  if (!parts) throw new InvalidCursorError();
  const [, version, id, history, generation] = parts as unknown as string[];
  return { version: Number(version), id, history, generation } as Cursor;
}

/** Before the first commit `firstId` is empty. */
export function historyTag(key: TokenKey, firstId: string): string {
  return createHash('sha256').update(`${key}.${firstId}`).digest('base64url').slice(0, 8);
}
