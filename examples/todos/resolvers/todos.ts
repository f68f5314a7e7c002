import { randomBytes } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { TodoShape } from '../schema/todo.ts';
import { TodoFilter } from '../schema/todo.ts';
import { Todos } from '../schema/todos.ts';

const title = z
  .string()
  .trim()
  .min(1, 'A todo needs a title.')
  .max(200, 'A title has at most 200 characters.');

export const add = Todos.event('add', {
  args: (t) => ({
    title: t.string({ required: true, validate: title }),
    due: t.field({ type: 'Date' }),
  }),
}).resolve((s, args) => {
  s.items.push(newTodo(args.title, args.due ?? null));
});

export const toggle = Todos.event('toggle', {
  args: (t) => ({ id: t.id({ required: true }) }),
}).resolve((s, { id }) => {
  const todo = s.items[indexOf(s.items, id)];
  if (todo) todo.done = !todo.done;
});

export const remove = Todos.event('remove', {
  args: (t) => ({ id: t.id({ required: true }) }),
}).resolve((s, { id }) => {
  s.items.splice(indexOf(s.items, id), 1);
});

export const move = Todos.event('move', {
  args: (t) => ({
    id: t.id({ required: true }),
    to: t.int({ required: true, validate: z.int().min(0, 'A place is 0 or more.') }),
  }),
}).resolve((s, { id, to }) => {
  const moved = s.items.splice(indexOf(s.items, id), 1);
  s.items.splice(to, 0, ...moved);
});

export const setFilter = Todos.event('setFilter', {
  args: (t) => ({ filter: t.field({ type: TodoFilter, required: true }) }),
}).resolve((s, { filter }) => {
  s.filter = filter;
});

/** Shows each todo as it comes: a bare `yield` sends what was changed up to now, the lock is kept. */
export const importTodos = Todos.event('import', {
  args: (t) => ({
    titles: t.stringList({ required: true, validate: z.array(title).max(1_000) }),
  }),
}).resolve(async function* (s, { titles }) {
  for (const each of titles) {
    s.items.push(newTodo(each, null));
    yield;
  }
});

function newTodo(text: string, due: string | null): TodoShape {
  // Short, since it goes over the wire; long enough for the todos of one list.
  const id = randomBytes(6).toString('base64url');
  return { id, title: text, done: false, due };
}

function indexOf(items: readonly TodoShape[], id: string): number {
  const index = items.findIndex((todo) => todo.id === id);
  if (index < 0) {
    throw new GraphQLError('There is no such todo.', {
      extensions: { code: 'NOT_FOUND', retryable: false },
    });
  }
  return index;
}
