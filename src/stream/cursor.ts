import { InvalidCursorError } from '../errors/index.ts';
import type { Position } from '../state/snapshot.ts';

/** The opaque text by which a client names a place in a token's history. */
export function formatCursor({ version, id }: Position): string {
  return Buffer.from(`${version}.${id}`).toString('base64url');
}

/** @throws {@link InvalidCursorError} */
export function parseCursor(cursor: string): Position {
  const text = cursor.length > 128 ? '' : Buffer.from(cursor, 'base64url').toString();
  const [, version, id] = /^(\d{1,16})\.([\w-]{0,64})$/.exec(text) ?? [];
  if (version === undefined || id === undefined) throw new InvalidCursorError();
  return { version: Number(version), id };
}
