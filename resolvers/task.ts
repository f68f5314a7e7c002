import type { GraphQLResolveInfo } from 'graphql';
import type { Engine } from '../src/engine/engine.ts';
import type { TaskInfo } from '../src/engine/tasks/task-info.ts';
import type { TaskStatus } from '../src/state/task-status.ts';
import type { TokenKey } from '../src/tokens/token-key.ts';
import { appOf } from './app-of.ts';

interface TokenArgs {
  readonly token: string;
}

interface TaskArgs extends TokenArgs {
  readonly id: string;
}

interface TasksArgs extends TokenArgs {
  readonly status?: readonly TaskStatus[] | null | undefined;
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

/** `Subscription.tasks`: each task that is listed, then each change of one. */
export async function subscribeToTasks(
  _root: unknown,
  { token }: TokenArgs,
  context: unknown,
  info: GraphQLResolveInfo,
): Promise<AsyncIterableIterator<TaskInfo>> {
  const { engine, tokens } = appOf(info);
  return engine.subscribeToTasks(tokens.keyOf(token), context);
}

export async function resolveCancelTask(
  _root: unknown,
  { token, id }: TaskArgs,
  _context: unknown,
  info: GraphQLResolveInfo,
): Promise<TaskInfo> {
  const { engine, tokens } = appOf(info);
  return engine.cancel({ key: tokens.keyOf(token), id });
}

/** `Task.parent`: null if it is known no more. */
export async function resolveParent(
  { key, parent }: TaskInfo,
  _args: unknown,
  _context: unknown,
  info: GraphQLResolveInfo,
): Promise<TaskInfo | null> {
  if (parent === null) return null;
  const tasks = await tasksOnce(appOf(info).engine, key);
  return tasks.find(({ id }) => id === parent) ?? null;
}

/** By engine and token, what is being asked for at this moment. */
const asked = new WeakMap<Engine, Map<TokenKey, Promise<TaskInfo[]>>>();

/** The tasks of a token: those who ask in one turn, the rows of one list, share a reading. */
function tasksOnce(engine: Engine, key: TokenKey): Promise<TaskInfo[]> {
  const byToken = asked.get(engine) ?? new Map<TokenKey, Promise<TaskInfo[]>>();
  asked.set(engine, byToken);
  const known = byToken.get(key);
  if (known) return known;
  const tasks = engine.tasksOf(key);
  byToken.set(key, tasks);
  queueMicrotask(() => byToken.delete(key));
  return tasks;
}
