import type {
  Cache,
  OptimisticMutationConfig,
  UpdateResolver,
  UpdatesConfig,
  Variables,
} from '@urql/exchange-graphcache';
import { appendRow, moveRow, removeRow, setDone } from '../../react/page/list-edits.ts';
import { ReadList } from '../../react/page/operations.ts';
import type { Row } from '../../react/page/todo-list.tsx';

/** What each event of the list does to its rows. */
const edits: Record<string, (rows: readonly Row[], args: Variables) => Row[]> = {
  todosAdd: (rows, { title }) => appendRow(rows, String(title), rows.length),
  todosToggle: (rows, { id }) =>
    setDone(rows, String(id), !rows.find((row) => row.id === id)?.done),
  todosMove: (rows, { id, to }) => moveRow(rows, String(id), Number(to)),
  todosRemove: (rows, { id }) => removeRow(rows, String(id)),
};

/**
 * Events that show what they will do before the server has done it. What they
 * showed goes when the server's answer comes, which `optimisticExchange` holds
 * back until the subscription has brought what the server did.
 */
export const optimistic: OptimisticMutationConfig = Object.fromEntries(
  Object.keys(edits).map((event) => [
    event,
    (args: Variables, cache: Cache) => answer(args, cache),
  ]),
);

export const mutationUpdates: UpdatesConfig[string] = Object.fromEntries(
  Object.entries(edits).map(([event, edit]) => {
    const update: UpdateResolver = (_result, args, cache, { optimistic: isOptimistic }) => {
      // The subscription brings what the server did.
      if (!isOptimistic) return;
      cache.updateQuery(
        { query: ReadList, variables: { token: String(args['token']) } },
        (data) => {
          if (!data) return data;
          return { ...data, todos: { ...data.todos, items: edit(data.todos.items, args) } };
        },
      );
    };
    return [event, update];
  }),
);

/** An answer from before the server's. */
function answer({ token }: Variables, cache: Cache) {
  const { todos } = cache.readQuery({ query: ReadList, variables: { token: String(token) } }) ?? {};
  const state = { __typename: 'Todos', id: todos?.id ?? null };
  return { __typename: 'TodosEventResult', version: -1, state };
}
