import type { TaskOutcome } from '../../../src/state/task-status.ts';
import type {
  EndedTask,
  TaskChanges,
  TaskMemory,
  TaskRecord,
} from '../../../src/store/stored-task.ts';

/** What is known of a task of that id. */
export function record(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    ...{ id, state: 'Cell', event: 'work', parent: null, attempt: 1, context: null },
    ...{ createdAt: 0, startedAt: 0, progress: null, message: null },
    ...more,
  };
}

/** The same of a durable task, as an attempt at it knows it. */
export function durableRecord(id: string, attempt = 0): TaskRecord {
  return record(id, { durable: { failures: 0, settled: 0 }, attempt });
}

/** What a durable task of that id runs with, as an attempt says it. */
export function memoryOf(id: string, more: Partial<TaskMemory> = {}): TaskMemory {
  return { id, args: { n: 1 }, checkpoint: null, attempt: 0, ...more };
}

/** A durable task that starts. */
export function durableStart(id: string): TaskChanges {
  return { started: [durableRecord(id)], ended: [], saved: [memoryOf(id)] };
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
