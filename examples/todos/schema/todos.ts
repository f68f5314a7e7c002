import { builder } from '../../builder.ts';
import { Todo, TodoFilter } from './todo.ts';

export const Todos = builder.state('Todos', {
  description: 'A list of things to do.',
  vars: (t) => ({
    items: t.field({ type: [Todo], default: [] }),
    filter: t.field({ type: TodoFilter, default: 'ALL' }),
  }),
  computed: (t) => ({
    open: t.int({ resolve: (s) => s.items.filter((todo) => !todo.done).length }),
    visible: t.field({
      type: [Todo],
      resolve: (s) =>
        s.items.filter((todo) => s.filter === 'ALL' || todo.done === (s.filter === 'DONE')),
    }),
  }),
});
