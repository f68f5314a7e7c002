import type { TaskMemory, TaskRecord } from '../store/stored-task.ts';

/**
 * What was triggered in a lock: made ready before its commit, so that the tasks
 * among it are stored with the commit, and run after it.
 */
export interface FollowUps {
  readonly tasks: readonly TaskRecord[];
  /** Of the durable ones. */
  readonly memories: readonly TaskMemory[];
  /** Runs the events, and starts the tasks. Does not throw. */
  run(): void;
  /** In place of {@link run} if there was no commit. */
  drop(): void;
}

/** For locks in which nothing is triggered. */
export const noFollowUps: FollowUps = Object.freeze({
  tasks: [],
  memories: [],
  run() {},
  drop() {},
});
