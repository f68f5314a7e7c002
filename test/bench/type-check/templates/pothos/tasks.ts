import { randomUUID } from 'node:crypto';
import type { StoredState } from './store.ts';

export interface Task {
  readonly id: string;
  readonly token: string;
  readonly event: string;
  readonly controller: AbortController;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'LOST';
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
export function startTask(token: string, event: string, work: (task: Task) => Promise<void>): Task {
  const id = randomUUID();
  const controller = new AbortController();
  const task: Task = { id, token, event, controller, status: 'RUNNING', error: null };
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
  return true;
}
