import type { StateDefinition } from './state-definition.ts';
import type { TaskOutcome } from './task-status.ts';

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
