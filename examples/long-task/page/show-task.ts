import type { WatchTasksSubscription } from '../../gql/graphql.ts';
import { byId } from '../../page/dom.ts';

export type Task = WatchTasksSubscription['tasks'];

const words = {
  QUEUED: 'Waiting',
  RUNNING: 'Running',
  SUCCEEDED: 'Done',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
  LOST: 'Lost',
};

const status = byId('status', HTMLElement);
const message = byId('message', HTMLElement);
const attempt = byId('attempt', HTMLElement);
const took = byId('took', HTMLElement);
const progress = byId('progress', HTMLProgressElement);
const failure = byId('failure', HTMLElement);

/** Shows how a task is. */
export function showTask(task: Task): void {
  const { startedAt, endedAt, error } = task;
  status.textContent = words[task.status];
  status.dataset['status'] = task.status;
  message.textContent = task.message ?? '';
  attempt.textContent = task.attempt > 1 ? `attempt ${task.attempt}` : '';
  progress.value = task.progress ?? 0;
  const isOver = startedAt !== null && endedAt !== null;
  took.textContent = isOver ? `${((endedAt - startedAt) / 1_000).toFixed(1)} s` : '';
  failure.textContent = error ? `${error.message} ${error.code}` : '';
}
