import type { TaskOutcome } from '../state/task-status.ts';

/** A task as its process describes it, from when it is triggered to its end. */
export interface TaskRecord {
  readonly id: string;
  /** The name of its event's state. */
  readonly state: string;
  /** The name of its background event. */
  readonly event: string;
  /** The task that triggered it, itself or through events; null if none did. */
  readonly parent: string | null;
  /** Which try it is, from 1; 0 for a durable task that was never tried. */
  readonly attempt: number;
  /** Set if it outlives its process, see {@link DurableTasks}: it is nobody's but its latest attempt's. */
  readonly durable?: TaskTries;
  /** What `taskContext` made of the request: a JSON value; null once it has ended. */
  readonly context: unknown;
  /** When it was triggered, in ms since 1970. */
  readonly createdAt: number;
  /** When its handler began, in ms since 1970; null while it waits for its turn. */
  readonly startedAt: number | null;
  /** How much of it is done, from 0 to 1, as its handler has said last; null if it never did. */
  readonly progress: number | null;
  /** What it is at, as its handler has said last; null if it never did. */
  readonly message: string | null;
}

/** How the attempts at a durable task went. */
export interface TaskTries {
  /** How many have failed. */
  readonly failures: number;
  /** The latest that has failed, or was given up in good order. */
  readonly settled: number;
}

/** Why a task failed, as far as clients may know. */
export interface TaskFailure {
  readonly code: string;
  readonly message: string;
}

/** How a task ended. */
interface TaskEnding {
  readonly outcome: TaskOutcome;
  /** In ms since 1970. */
  readonly endedAt: number;
  /** Null unless it failed. */
  readonly error: TaskFailure | null;
}

/** A task whose end is to be stored. */
export interface EndedTask {
  /** As it was last. */
  readonly record: TaskRecord;
  readonly ending: TaskEnding;
  /** For how long it is listed from now on, in ms; 0 for not at all. */
  readonly listedMs: number;
}

/** What a durable task runs with, kept beside its record until it has ended. */
export interface TaskMemory {
  /** The task's. */
  readonly id: string;
  /** Those of its event, settled. */
  readonly args: Readonly<Record<string, unknown>>;
  /** What its handler has saved last, settled; null if it never did. */
  readonly checkpoint: unknown;
  /** Which attempt saves it, 0 if the task starts: it is refused unless that is the latest. */
  readonly attempt: number;
}

/** Tasks of a token that begin, and those that end. */
export interface TaskChanges {
  readonly started: readonly TaskRecord[];
  readonly ended: readonly EndedTask[];
  /** Of durable tasks: of those that start, and what is news of others. */
  readonly saved?: readonly TaskMemory[];
  /** The durable task that says so, outside of a commit: refused unless it is its latest attempt. */
  readonly by?: { readonly id: string; readonly attempt: number };
}

/** A task as it is listed. */
export interface StoredTask {
  readonly record: TaskRecord;
  /** When somebody has cancelled it, in ms since 1970; null if nobody has. From then on nothing but its end can be stored for it. */
  readonly cancelledAt: number | null;
  /** Null until its end is stored. */
  readonly ending: TaskEnding | null;
}

/** How many tasks of a token are listed that have ended: the latest, and any that ended just now. */
export const maxEndedTasks = 100;

/** For how long, in ms, a task is listed in any case when it has ended: so that whoever follows it learns of its end. */
export const justEndedMs = 5_000;
