import type { StateDefinition } from '../definitions.ts';
import type { StateSnapshot } from '../snapshot.ts';

/** One state of a token, as an evaluation finds it. */
export interface EvaluatedState {
  readonly definition: StateDefinition;
  /** For which the computed vars are wanted. */
  readonly values: Readonly<Record<string, unknown>>;
  /** As of the last commit; null if its computed vars were never evaluated. */
  readonly before: StateSnapshot | null;
}

/** The states of a token among which computed vars are evaluated. */
export interface EvaluatedToken {
  stateOf(definition: StateDefinition): EvaluatedState;
  /** The state of that name; undefined if the schema has none any more. */
  definitionOf(name: string): StateDefinition | undefined;
}

export interface EvaluationOptions {
  /** What bounds the time that an async computed var may take: rejects when it is over. */
  readonly withinTime: <T>(work: Promise<T>) => Promise<T>;
  /** Called with what a failing one threw. */
  readonly onFailure: (error: unknown, state: string, name: string) => void;
}
