/** The result of one computed var, with what it was computed from. */
export interface ComputedResult {
  readonly value: unknown;
  /** Whether the evaluation failed; the value is then null. */
  readonly failed: boolean;
  /**
   * What the evaluation read: the fields of its own state and of others, by the
   * state's name. Null if that is not known: it is evaluated at every commit.
   */
  readonly reads: Readonly<Record<string, readonly string[]>> | null;
}

/** Of a state without computed vars. */
export const noResults: Readonly<Record<string, ComputedResult>> = Object.freeze({});

/** One state of a token at one version: immutable, to the deepest level. */
export interface StateSnapshot {
  /** The token's commit that last changed this state visibly; 0 if none did. */
  readonly version: number;
  /** Whether its `onLoad` has run. */
  readonly loaded: boolean;
  /** Vars and backend vars. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly computed: Readonly<Record<string, ComputedResult>>;
}

/** A place in a token's history: the number of a commit and its random id. Both are empty before the first. */
export interface Position {
  readonly version: number;
  readonly id: string;
  /** The id of the token's first commit: histories that begin otherwise have nothing in common. */
  readonly firstId: string;
}

/** The position alone: a snapshot, or an entry, is one too, and has more to keep. */
export function positionOf({ version, id, firstId }: Position): Position {
  return { version, id, firstId };
}

/** All states of a token that have been stored, after the commit at this position. */
export interface TokenSnapshot extends Position {
  readonly states: Readonly<Record<string, StateSnapshot>>;
}

/** Before the first commit. */
export const emptySnapshot: TokenSnapshot = Object.freeze({
  ...{ version: 0, id: '', firstId: '' },
  states: Object.freeze({}),
});
