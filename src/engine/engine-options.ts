import type { Logger } from '../logging/logger.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { TaskOutcome } from '../state/task-status.ts';
import type { StateStore } from '../store/state-store.ts';
import type { TaskFailure } from '../store/stored-task.ts';
import type { Clock } from '../time/clock.ts';
import { maxTimerMs } from '../time/max-timer-ms.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import type { Middleware } from './middleware.ts';

/** Times and sizes that bound what one token can take. */
export interface Limits {
  /** A warning is logged when a lock is held longer, in ms. */
  readonly warnHoldMs: number;
  /** A lock held longer is lost, in ms: its holder can write nothing more. */
  readonly maxHoldMs: number;
  /** How long to wait for a lock, in ms, before a `LockTimeoutError`. */
  readonly acquireTimeoutMs: number;
  /** How long an async computed var may take, in ms, before it counts as failed. */
  readonly computedTimeoutMs: number;
  /** How many commits a subscriber may be behind before it gets them merged into one diff. */
  readonly maxLag: number;
  /** How long a token that nobody uses keeps its state, in ms; `Infinity` keeps it for ever. */
  readonly idleTtlMs: number;
  /** How long a finished task can be queried, in ms, of the latest 100 of a token. */
  readonly finishedTaskTtlMs: number;
  /** How many tasks of one token may be there at once on this node, those included that wait for their turn. */
  readonly tasksPerToken: number;
  /** The same for all tokens together. */
  readonly tasksPerProcess: number;
  /** How many attempts at a durable task may be interrupted in a row, by the end of their process or a store that fails, and save nothing, until it fails. */
  readonly interruptionsPerTask: number;
  /** How many events of clients may wait for a token's lock on this node. */
  readonly queuedEventsPerToken: number;
  /** How many events that handlers have triggered may wait for a token's lock on this node. */
  readonly queuedFollowUpsPerToken: number;
}

const defaultLimits: Limits = Object.freeze({
  warnHoldMs: 1_000,
  maxHoldMs: 60_000,
  acquireTimeoutMs: 30_000,
  computedTimeoutMs: 1_000,
  maxLag: 64,
  idleTtlMs: 3_600_000,
  finishedTaskTtlMs: 600_000,
  tasksPerToken: 1_000,
  tasksPerProcess: 10_000,
  interruptionsPerTask: 20,
  queuedEventsPerToken: 1_000,
  queuedFollowUpsPerToken: 10_000,
});

/**
 * All limits, with the defaults for those that are not given.
 *
 * @throws TypeError for a name that is none, or a value that makes no sense.
 */
export function completeLimits(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in defaultLimits)) {
      const names = Object.keys(defaultLimits).join(', ');
      throw new TypeError(`Expected one of the limits ${names}, got ${name}.`);
    }
    if (!isLimit(name, value)) {
      const times = name.endsWith('Ms') ? ', up to 24 days in ms' : '';
      const what = name === 'idleTtlMs' ? 'more than 0' : `0 or more${times}`;
      throw new TypeError(`Expected limits.${name} to be a number, ${what}, got ${value}.`);
    }
  }
  return { ...defaultLimits, ...given };
}

function isLimit(name: string, value: unknown): boolean {
  if (typeof value !== 'number') return false;
  if (name === 'idleTtlMs') return value > 0;
  return value >= 0 && (!name.endsWith('Ms') || value <= maxTimerMs);
}

/** Where an error came from that no caller could be told. */
export interface ErrorSource {
  readonly state: string;
  /** Set if an event failed, or a task. */
  readonly event: string | null;
  /** Set if a computed var failed. */
  readonly computed: string | null;
  readonly key: TokenKey;
  /** Set if a task failed, or its `onExit`. */
  readonly taskId: string | null;
  /** Set if the `onExit` of a task failed: how the task had ended. */
  readonly outcome: TaskOutcome | null;
}

export interface EngineOptions<Context = unknown> {
  /** The states of the schema, by name. */
  readonly definitions: ReadonlyMap<string, StateDefinition>;
  readonly store: StateStore;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Called once for each failure of a handler or a computed var, with the error as it was thrown. A throw in it is logged. */
  readonly onError: (error: unknown, source: ErrorSource) => void;
  /** What clients may know of why a task failed. */
  readonly describeFailure: (error: unknown) => TaskFailure;
  /** Runs around every event and task, the first outermost. */
  readonly middleware: readonly Middleware<never>[];
  /** What a task keeps of the request that triggered it: a JSON value, `self.context`. */
  readonly taskContext: (context: Context) => unknown;
  /** The context of an event that no request carries; gets the task's context if a task triggered it, or null. */
  readonly eventContext: (taskContext: unknown) => Context;
}
