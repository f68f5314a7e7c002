import { randomUUID } from 'node:crypto';
import type { StoredState } from './store.ts';

export interface Task {
  readonly id: string;
  readonly token: string;
  readonly state: string;
  readonly event: string;
  readonly attempt: number;
  readonly parent: Task | null;
  readonly startedAt: number | null;
  endedAt: number | null;
  progress: number | null;
  message: string | null;
  readonly controller: AbortController;
  status: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'LOST';
  error: { readonly code: string; readonly message: string } | null;
}

/** What an event left behind. */
export interface EventResult<State extends StoredState> {
  readonly version: number;
  readonly state: State;
  readonly tasks: readonly Task[];
}

/** The result of an event that left a state and started tasks. */
export function eventResult<State extends StoredState>(
  state: State,
  ...tasks: readonly Task[]
): EventResult<State> {
  return { version: state.version, state, tasks };
}

const tasks = new Map<string, Task>();

/** Starts work that goes on after the request. */
export function startTask(token: string, label: string, work: (task: Task) => Promise<void>): Task {
  const [state = '', event = ''] = label.split('.');
  const task: Task = {
    ...{ id: randomUUID(), token, state, event, attempt: 1, parent: null },
    ...{ startedAt: Date.now(), endedAt: null, progress: null, message: null },
    ...{ controller: new AbortController(), status: 'RUNNING', error: null },
  };
  tasks.set(task.id, task);
  work(task).then(
    () => end(task, 'SUCCEEDED'),
    (error) => {
      if (end(task, 'FAILED')) task.error = { code: 'TASK_FAILED', message: String(error) };
    },
  );
  return task;
}

/** The task of that id, if it is the token's. */
export function findTask(token: string, id: string): Task | null {
  const task = tasks.get(id);
  return task?.token === token ? task : null;
}

/** The token's tasks, oldest first. */
export function tasksOf(token: string): Task[] {
  return [...tasks.values()].filter((task) => task.token === token);
}

/** Ends a task at once. */
export function cancelTask(token: string, id: string): Task {
  const task = findTask(token, id);
  if (!task) throw new Error('There is no such task.');
  end(task, 'CANCELLED');
  task.controller.abort();
  return task;
}

function end(task: Task, status: Task['status']): boolean {
  if (task.status !== 'RUNNING') return false;
  task.status = status;
  task.endedAt = Date.now();
  return true;
}
