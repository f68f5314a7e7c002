import { SupersededError, TaskCancelledError, TaskLostError } from '../errors/index.ts';
import type { Commit } from './state-store.ts';
import type { StoredTask, TaskChanges, TaskRecord } from './stored-task.ts';

/** What a store has on record of a task; undefined for one that is not on record. */
export type FindTask = (id: string) => StoredTask | undefined;

/**
 * Whether the tasks of a commit let it be stored.
 *
 * @throws {@link SupersededError}
 * @throws {@link TaskLostError}
 * @throws {@link TaskCancelledError}
 */
export function assertMayCommit(
  find: FindTask,
  { tasks, task, attempt }: Pick<Commit, 'tasks' | 'task' | 'attempt'>,
): void {
  if (task === null && isEmpty(tasks)) return;
  if (task !== null && attempt !== undefined) assertLatest(find(task), attempt);
  for (const { record } of tasks.ended) {
    if (record.durable) assertLatest(find(record.id), record.attempt);
  }
  const ending = tasks.ended.map(({ record }) => record.id);
  const needed = task === null ? ending : [task, ...ending];
  if (needed.some((id) => !find(id))) throw new TaskLostError();
  const goesOn = task !== null && !ending.includes(task);
  if (goesOn && isCancelled(find(task))) throw new TaskCancelledError();
  assertMayTrack(find, tasks);
}

/**
 * Whether tasks may end so, and durable ones be told so. One that ends and is not on
 * record any more has ended already.
 *
 * @throws {@link SupersededError}
 * @throws {@link TaskCancelledError}
 */
export function assertMayTrack(
  find: FindTask,
  { started, ended, saved = [], by }: TaskChanges,
): void {
  if (by) assertGoesOn(find(by.id), by.attempt);
  const starting = new Set(started.map(({ id }) => id));
  for (const { id, attempt } of saved) {
    // What ends saves nothing.
    if (!starting.has(id)) assertGoesOn(find(id), attempt);
  }
  for (const { record, ending } of ended) {
    const task = find(record.id);
    if (task && record.durable) assertLatest(task, record.attempt);
    if (ending.outcome !== 'CANCELLED' && isCancelled(task)) throw new TaskCancelledError();
  }
}

/** Whether what is known of a task may take the place of what is on record: not if it was cancelled, or is another attempt's. */
export function mayUpdate(task: StoredTask | undefined, record: TaskRecord): task is StoredTask {
  if (task?.cancelledAt !== null) return false;
  return !record.durable || task.record.attempt === record.attempt;
}

/** A durable task as its next attempt. */
export function nextAttemptOf(task: StoredTask): StoredTask {
  return { ...task, record: { ...task.record, attempt: task.record.attempt + 1 } };
}

function assertLatest(task: ReturnType<FindTask>, attempt: number): void {
  if (task?.record.attempt !== attempt) throw new SupersededError();
}

function assertGoesOn(task: ReturnType<FindTask>, attempt: number): void {
  assertLatest(task, attempt);
  if (isCancelled(task)) throw new TaskCancelledError();
}

function isCancelled(task: ReturnType<FindTask>): boolean {
  return typeof task?.cancelledAt === 'number';
}

/** Whether they change what is listed: what durable tasks are to know does not. */
export function isChange({ started, ended }: TaskChanges): boolean {
  return started.length + ended.length > 0;
}

/** Whether nothing is to be stored because of them. */
export function isEmpty({ started, ended, saved }: TaskChanges): boolean {
  return started.length === 0 && ended.length === 0 && (saved?.length ?? 0) === 0;
}

/** As they are listed. */
export function oldestFirst(tasks: readonly StoredTask[]): StoredTask[] {
  return [...tasks].sort((a, b) => a.record.createdAt - b.record.createdAt);
}
