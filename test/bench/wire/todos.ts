import SchemaBuilder from '@pothos/core';
import { statewire } from 'statewire';

interface Todo {
  readonly id: string;
  title: string;
  done: boolean;
}

const titles = ['Buy oat milk', 'Water the plants', 'Call the dentist', 'Read a chapter'];

/** Always the same, and like random ones, which do not compress. */
function todo(n: number): Todo {
  const id = ((n + 1) * 2_654_435_761).toString(36).slice(-8).padStart(8, 'x');
  return { id, title: titles[n % titles.length] ?? '', done: n % 3 === 0 };
}

/** 200 todos, and what is done to them. */
export function defineTodos() {
  const builder = new SchemaBuilder<object>({ plugins: [statewire()] });
  const Todo = builder.objectRef<Todo>('Todo').implement({
    fields: (t) => ({
      id: t.exposeID('id', { nullable: false }),
      title: t.exposeString('title', { nullable: false }),
      done: t.exposeBoolean('done', { nullable: false }),
    }),
  });
  const Todos = builder.state('Todos', {
    vars: (t) => ({ items: t.field({ type: [Todo], key: 'id', default: [] }) }),
  });
  const fill = Todos.event('fill').resolve((s) => {
    s.items = Array.from({ length: 200 }, (_, n) => todo(n));
  });
  const changes = [
    {
      name: 'add',
      event: Todos.event('add').resolve((s) => {
        s.items.push(todo(200));
      }),
    },
    {
      name: 'toggle',
      event: Todos.event('toggle').resolve((s) => {
        const row = s.items[100];
        if (row) row.done = !row.done;
      }),
    },
    {
      name: 'move',
      event: Todos.event('move').resolve((s) => {
        s.items.splice(150, 0, ...s.items.splice(20, 1));
      }),
    },
    {
      name: 'remove',
      event: Todos.event('remove').resolve((s) => {
        s.items.splice(50, 1);
      }),
    },
    {
      name: 'insert at head',
      event: Todos.event('insert').resolve((s) => {
        s.items.unshift(todo(201));
      }),
    },
  ];
  return { schema: builder.toSchema(), fill, changes };
}

export const watchTodos = `subscription ($token: ID!, $since: String) {
  todos(token: $token, since: $since) {
    version since cursor
    state { id items { id title done } }
  }
}`;
