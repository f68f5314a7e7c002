import type { EventDefinition } from '../../state/definitions.ts';
import type { TaskStatus } from '../../state/task-status.ts';
import type { StoredTask, TaskFailure } from '../../store/stored-task.ts';
import type { TokenKey } from '../../tokens/token-key.ts';

/** What is known of a task, on whatever node it runs or ran. */
export interface TaskInfo {
  readonly id: string;
  readonly key: TokenKey;
  readonly event: EventDefinition;
  readonly status: TaskStatus;
  /** From 0 to 1, as its handler has said last; null if it never did. */
  readonly progress: number | null;
  /** As its handler has said last; null if it never did. */
  readonly message: string | null;
  /** Which try it is, from 1. */
  readonly attempt: number;
  /** The id of the task that triggered it, itself or through events; null if none did. */
  readonly parent: string | null;
  /** When it was triggered, in ms since 1970. */
  readonly createdAt: number;
  /** When its handler began, in ms since 1970; null while it waits for its turn. */
  readonly startedAt: number | null;
  /** When it got its outcome, in ms since 1970; null before. */
  readonly endedAt: number | null;
  /** Why it failed, as far as clients may know; null unless it did. The error itself is for `onError`. */
  readonly error: TaskFailure | null;
}

/** What a store says of a task of this event. */
export function infoOf(
  key: TokenKey,
  event: EventDefinition,
  { record, cancelledAt, ending }: StoredTask,
): TaskInfo {
  const { id, progress, message, attempt, parent, createdAt, startedAt } = record;
  return {
    ...{ id, key, event, progress, message, parent, createdAt, startedAt },
    // One that was never tried waits for its first.
    attempt: Math.max(1, attempt),
    status: statusOf({ record, cancelledAt, ending }),
    endedAt: ending?.endedAt ?? cancelledAt,
    error: ending?.error ?? null,
  };
}

function statusOf({ record, cancelledAt, ending }: StoredTask): TaskStatus {
  if (ending) return ending.outcome;
  if (cancelledAt !== null) return 'CANCELLED';
  return record.startedAt === null ? 'QUEUED' : 'RUNNING';
}

/** What is known of it now. */
export function copyOf(task: TaskInfo): TaskInfo {
  const { id, key, event, status, progress, message, attempt } = task;
  const { parent, createdAt, startedAt, endedAt, error } = task;
  return Object.freeze({
    ...{ id, key, event, status, progress, message, attempt },
    ...{ parent, createdAt, startedAt, endedAt, error },
  });
}

/** Whether it may still do something. */
export function isUnderWay({ status }: Pick<TaskInfo, 'status'>): boolean {
  return status === 'QUEUED' || status === 'RUNNING';
}

/** Whether nobody has cancelled it, and nobody can any more. */
export function hasEndedByItself(task: Pick<TaskInfo, 'status'>): boolean {
  return !isUnderWay(task) && task.status !== 'CANCELLED';
}
