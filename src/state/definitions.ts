import type { TaskOutcome } from './task-status.ts';

/** One var: the client sees it, events write it. */
interface VarDefinition {
  readonly name: string;
  /** Called for each new state of a token. */
  readonly initial: () => unknown;
}

/** One computed var: the client sees it, it follows from other vars. */
export interface ComputedDefinition {
  readonly name: string;
  /** Gets a read-only view of the state's own vars; may be async. */
  readonly resolve: (state: never) => unknown;
}

/** What the engine knows of a state. It has no notion of GraphQL. */
export interface StateDefinition {
  readonly name: string;
  readonly vars: ReadonlyMap<string, VarDefinition>;
  /** Server-only vars with their defaults; called for each new state of a token. */
  readonly backend: () => Readonly<Record<string, unknown>>;
  readonly backendNames: ReadonlySet<string>;
  readonly computed: ReadonlyMap<string, ComputedDefinition>;
  readonly events: Map<string, EventDefinition>;
}

/** What the engine knows of an event. */
export interface EventDefinition {
  readonly state: StateDefinition;
  readonly name: string;
  readonly kind: 'event' | 'background';
  /** Set by `.resolve()`; a schema with an event that has none cannot be built. */
  readonly handler: EventHandlerFunction | null;
  readonly onExit: OnExitFunction | null;
}

/** For an event `(s, args, context)`, for a background event `(self, args)`. */
export type EventHandlerFunction = (state: never, args: never, context: never) => unknown;

export type OnExitFunction = (state: never, exit: TaskExit) => unknown;

/** How a task ended, as its `onExit` gets it. */
export interface TaskExit {
  readonly taskId: string;
  readonly outcome: TaskOutcome;
  /** What the handler threw, if it did. */
  readonly error: unknown;
}

/** The fields of a state, as types. */
export interface StateShape {
  readonly vars: object;
  readonly backend: object;
  readonly computed: object;
}

/** A state as users refer to it: the definition, with the types of its fields. */
export interface StateReference<Shape extends StateShape = StateShape> {
  readonly definition: StateDefinition;
  /** For inference only, never set. */
  readonly $inferShape?: Shape;
}
