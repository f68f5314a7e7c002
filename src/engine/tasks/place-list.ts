import type { Concurrency, EventDefinition, StateDefinition } from '../../state/definitions.ts';
import type { TokenKey } from '../../tokens/token-key.ts';

/** A task that has a place, or waits for one. */
export interface PlaceHolder {
  readonly key: TokenKey;
  readonly id: string;
}

/** Which places a task asks for. */
export interface PlaceRequest {
  readonly event: EventDefinition;
  readonly concurrency: Concurrency;
  /** The arguments, and what `taskContext` made. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  readonly holder: PlaceHolder;
}

/** Those that have a place, in the order in which they came: as many of the first as the limit says may run. */
export type PlaceList = readonly PlaceHolder[];

/**
 * Where a list is kept: state like any other, of a token of its own that no client
 * knows, so that the same locks and commits keep it on every store and every node.
 */
export const placesState: StateDefinition = {
  name: '__Places',
  vars: new Map(),
  backend: () => ({ holders: [] }),
  backendNames: new Set(['holders']),
  computed: new Map(),
  migrate: null,
  parent: null,
  events: new Map(),
  lifecycle: { onLoad: null, onConnect: null, onDisconnect: null, graceMs: 0 },
};

/** The state as it is written. */
export interface PlacesDraft {
  holders: PlaceHolder[];
}
