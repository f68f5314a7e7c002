import type { TaskRecord } from '../store/stored-task.ts';

/**
 * What was triggered in a lock: made ready before its commit, so that the tasks
 * among it are stored with the commit, and run after it.
 */
export interface FollowUps {
  readonly tasks: readonly TaskRecord[];
  /** Runs the events, and starts the tasks. Does not throw. */
  run(): void;
}
