import type { TaskOutcome } from '../../../src/state/task-status.ts';
import type { EndedTask, TaskRecord } from '../../../src/store/stored-task.ts';

/** What is known of a task of that id. */
export function record(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    ...{ id, state: 'Cell', event: 'work', parent: null, attempt: 1, context: null },
    ...{ createdAt: 0, startedAt: 0, progress: null, message: null },
    ...more,
  };
}

/** Its end, which is not listed if nothing else is said. */
export function endOf(
  task: TaskRecord,
  {
    outcome = 'SUCCEEDED',
    listedMs = 0,
    endedAt = 1,
  }: { outcome?: TaskOutcome; listedMs?: number; endedAt?: number } = {},
): EndedTask {
  return { record: task, ending: { outcome, endedAt, error: null }, listedMs };
}
