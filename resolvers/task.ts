import type { GraphQLResolveInfo } from 'graphql';
import type { TaskInfo } from '../src/engine/background-task.ts';
import { StatewireError } from '../src/errors/index.ts';
import { isGraphQLError } from '../src/errors/is-graphql-error.ts';
import type { TaskStatus } from '../src/state/task-status.ts';
import { appOf } from './app-of.ts';

interface TaskArgs {
  readonly token: string;
  readonly id: string;
}

interface TasksArgs {
  readonly token: string;
  readonly status?: readonly TaskStatus[] | null | undefined;
}

export interface TaskErrorPayload {
  readonly code: string;
  readonly message: string;
}

export async function resolveTask(
  _root: unknown,
  { token, id }: TaskArgs,
  _context: unknown,
  info: GraphQLResolveInfo,
): Promise<TaskInfo | null> {
  const { engine, tokens } = appOf(info);
  const tasks = await engine.tasksOf(tokens.keyOf(token));
  return tasks.find((task) => task.id === id) ?? null;
}

export async function resolveTasks(
  _root: unknown,
  { token, status }: TasksArgs,
  _context: unknown,
  info: GraphQLResolveInfo,
): Promise<TaskInfo[]> {
  const { engine, tokens } = appOf(info);
  const tasks = await engine.tasksOf(tokens.keyOf(token));
  return status ? tasks.filter((task) => status.includes(task.status)) : tasks;
}

export async function resolveCancelTask(
  _root: unknown,
  { token, id }: TaskArgs,
  _context: unknown,
  info: GraphQLResolveInfo,
): Promise<TaskInfo> {
  const { engine, tokens } = appOf(info);
  return engine.cancel(tokens.keyOf(token), id);
}

/** Why the task failed, as far as clients may know. */
export function resolveTaskError(
  task: TaskInfo,
  _args: unknown,
  _context: unknown,
  info: GraphQLResolveInfo,
): TaskErrorPayload | null {
  if (task.status !== 'FAILED') return null;
  const { error } = task;
  if (error instanceof StatewireError) return { code: error.code, message: error.message };
  const code = 'INTERNAL_SERVER_ERROR';
  // Whoever throws a GraphQLError means it for the client.
  if (isGraphQLError(error)) {
    return { code: String(error.extensions['code'] ?? code), message: error.message };
  }
  if (appOf(info).maskErrors) return { code, message: 'Unexpected error.' };
  return { code, message: error instanceof Error ? error.message : String(error) };
}
