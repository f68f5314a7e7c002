import { createHash } from 'node:crypto';
import { InvalidCursorError } from '../errors/index.ts';
import type { Position } from '../state/snapshot.ts';
import type { TokenKey } from '../tokens/token-key.ts';

/** What a cursor says: a commit, and which history it belongs to. */
export interface Cursor {
  readonly version: number;
  readonly id: string;
  /** Follows from the token and its first commit. */
  readonly history: string;
}

/** The opaque text by which a client names a place in a token's history. */
export function formatCursor(key: TokenKey, { version, id, firstId }: Position): string {
  return Buffer.from(`${version}.${id}.${historyTag(key, firstId)}`).toString('base64url');
}

/** @throws {@link InvalidCursorError} */
export function parseCursor(cursor: string): Cursor {
  const text = cursor.length > 128 ? '' : Buffer.from(cursor, 'base64url').toString();
  const [, version, id, history] = /^(\d{1,16})\.([\w-]{0,64})\.([\w-]{8})$/.exec(text) ?? [];
  if (version === undefined || id === undefined || history === undefined) {
    throw new InvalidCursorError();
  }
  return { version: Number(version), id, history };
}

/** Before the first commit `firstId` is empty. */
export function historyTag(key: TokenKey, firstId: string): string {
  return createHash('sha256').update(`${key}.${firstId}`).digest('base64url').slice(0, 8);
}
