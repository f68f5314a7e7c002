import type { TaskOutcome } from './task-status.ts';

/** One var: the client sees it, events write it. */
export interface VarDefinition {
  readonly name: string;
  /** Called for each new state of a token. */
  readonly initial: () => unknown;
  /** Whether it gives the same each time: it was defined by a value, not by a function. */
  readonly hasSameInitial: boolean;
  /** By which property the rows of a list are told apart; null if by their place. */
  readonly key: string | null;
  /** What is wrong with a settled value of this var's type, or null. */
  readonly refusal: (value: unknown) => string | null;
}

/** One computed var: the client sees it, it follows from other vars. */
export interface ComputedDefinition {
  readonly name: string;
  /** Gets a read-only view of its state that notes what is read; may be async. */
  readonly resolve: (state: never) => unknown;
  readonly key: string | null;
  readonly refusal: (value: unknown) => string | null;
  /** Whether its result stands until something it read has changed; if not, it runs at every commit. */
  readonly cached: boolean;
}

/** What the engine knows of a state. It has no notion of GraphQL. */
export interface StateDefinition {
  readonly name: string;
  readonly vars: ReadonlyMap<string, VarDefinition>;
  /** Server-only vars with their defaults; called for each new state of a token. */
  readonly backend: () => Readonly<Record<string, unknown>>;
  readonly backendNames: ReadonlySet<string>;
  readonly computed: ReadonlyMap<string, ComputedDefinition>;
  /** Makes values of this definition from those that an earlier one has stored; null if nobody said how. */
  readonly migrate: ((stored: never) => unknown) | null;
  /** The state that is at hand as `parent`; null if there is none. */
  readonly parent: StateDefinition | null;
  readonly events: Map<string, EventDefinition>;
  readonly lifecycle: Lifecycle;
}

/** Events that run by themselves, when clients come and go. */
interface Lifecycle {
  /** Runs once in the life of a token, after the snapshot of its first subscription. */
  onLoad: EventDefinition | null;
  /** Runs when the token's first subscriber has come. */
  onConnect: EventDefinition | null;
  /** Runs when the token has had no subscriber for `graceMs`. */
  onDisconnect: EventDefinition | null;
  /** How long the last subscriber may be away, in ms, before it counts as gone. */
  graceMs: number;
}

export type LifecycleName = Exclude<keyof Lifecycle, 'graceMs'>;

/** What the engine knows of an event. */
export interface EventDefinition {
  readonly state: StateDefinition;
  readonly name: string;
  readonly kind: 'event' | 'background';
  /** Set by `.resolve()`; a schema with an event that has none cannot be built. */
  readonly handler: EventHandlerFunction | null;
  readonly onExit: OnExitFunction | null;
  /** Whether it begins also if the task that has triggered it is cancelled before. */
  readonly detached: boolean;
  readonly policy: TaskPolicy;
}

/** What becomes of a task when as many as the limit allows are there already. */
export type OnLimit = 'queue' | 'reject' | 'replace';

/** How many tasks of a background event may run at once. */
export interface Concurrency {
  readonly limit: number;
  /** Whether those of one token count, or those of all tokens of all nodes of the store. */
  readonly scope: 'token' | 'app';
  /** Tasks whose keys differ do not count together. Gets the arguments, and what `taskContext` made. */
  readonly key: ((args: never, context: unknown) => string) | null;
  readonly onLimit: OnLimit;
}

/** How tasks are run that outlive their process. */
export interface Durability {
  /** How many attempts may fail until the task has. */
  readonly attempts: number;
  /** How long the next attempt waits after the first failure, in ms; twice as long after each other one. */
  readonly backoffMs: number;
}

/** How tasks of a background event are run. */
export interface TaskPolicy {
  /** Null for tasks that end with their process. */
  readonly durable: Durability | null;
  /** Null for any number. */
  readonly concurrency: Concurrency | null;
  /** How long one may run, in ms; null for as long as it takes. */
  readonly timeoutMs: number | null;
  /** For how long, in ms, its token may be without a subscriber before it is cancelled; null for ever. */
  readonly disconnectMs: number | null;
}

/** The policy of what has none. */
export const noPolicy: TaskPolicy = Object.freeze({
  durable: null,
  concurrency: null,
  timeoutMs: null,
  disconnectMs: null,
});

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
  readonly parent?: StateShape | null;
}

/** A state as users refer to it: the definition, with the types of its fields. */
export interface StateReference<Shape extends StateShape = StateShape> {
  readonly definition: StateDefinition;
  /** For inference only, never set. */
  readonly $inferShape?: Shape;
}
