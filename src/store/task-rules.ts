import { TaskCancelledError, TaskLostError } from '../errors/index.ts';
import type { Commit } from './state-store.ts';
import type { EndedTask, StoredTask, TaskChanges } from './stored-task.ts';

/** What a store has on record of a task; undefined for one that is not on record. */
export type FindTask = (id: string) => Pick<StoredTask, 'cancelledAt'> | undefined;

/**
 * Whether the tasks of a commit let it be stored.
 *
 * @throws {@link TaskLostError}
 * @throws {@link TaskCancelledError}
 */
export function assertMayCommit(
  find: FindTask,
  { tasks, task }: Pick<Commit, 'tasks' | 'task'>,
): void {
  const ending = tasks.ended.map(({ record }) => record.id);
  const needed = task === null ? ending : [task, ...ending];
  if (needed.some((id) => !find(id))) throw new TaskLostError();
  const goesOn = task !== null && !ending.includes(task);
  if (goesOn && isCancelled(find(task))) throw new TaskCancelledError();
  assertMayEnd(find, tasks.ended);
}

/**
 * Whether tasks may end so. One that is not on record any more has ended already.
 *
 * @throws {@link TaskCancelledError}
 */
export function assertMayEnd(find: FindTask, ended: readonly EndedTask[]): void {
  for (const { record, ending } of ended) {
    if (ending.outcome !== 'CANCELLED' && isCancelled(find(record.id))) {
      throw new TaskCancelledError();
    }
  }
}

function isCancelled(task: ReturnType<FindTask>): boolean {
  return typeof task?.cancelledAt === 'number';
}

export function isChange({ started, ended }: TaskChanges): boolean {
  return started.length + ended.length > 0;
}

/** As they are listed. */
export function oldestFirst(tasks: readonly StoredTask[]): StoredTask[] {
  return [...tasks].sort((a, b) => a.record.createdAt - b.record.createdAt);
}
