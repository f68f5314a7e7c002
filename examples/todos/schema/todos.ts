import { builder } from '../../builder.ts';
import { Todo, TodoFilter } from './todo.ts';

export const Todos = builder.state('Todos', {
  description: 'A list of things to do.',
  vars: (t) => ({
    // Rows are told apart by their id: one that moves costs its move.
    items: t.field({ type: [Todo], key: 'id', default: [] }),
    filter: t.field({ type: TodoFilter, default: 'ALL' }),
  }),
  computed: (t) => ({
    open: t.int({ resolve: (s) => s.items.filter((todo) => !todo.done).length }),
    visible: t.field({
      type: [Todo],
      key: 'id',
      resolve: (s) =>
        s.items.filter((todo) => s.filter === 'ALL' || todo.done === (s.filter === 'DONE')),
    }),
  }),
});
