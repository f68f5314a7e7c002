import { formatCursor } from '../src/stream/cursor.ts';
import type { TokenDiff } from '../src/stream/token-cursor.ts';
import { type DiffPayload, diffPayload } from './diff-payload.ts';
import { keepLatest } from './keep-latest.ts';

/** What one commit changed in all states of a token, as GraphQL reads it. */
export interface TokenDiffPayload {
  readonly version: number;
  readonly cursor: string;
  readonly reset: boolean;
  readonly diffs: readonly DiffPayload[];
}

export const tokenDiffPayload = keepLatest((diffs: TokenDiff): TokenDiffPayload => {
  const [first] = diffs;
  if (!first) throw new TypeError('Expected at least one state in a diff, got none.');
  return {
    version: Math.max(...diffs.map(({ state }) => state.version)),
    cursor: formatCursor(first.key, first.position),
    reset: first.reset,
    diffs: diffs.map((diff) => diffPayload(diff)),
  };
});
