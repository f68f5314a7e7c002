import { useState } from 'react';
import { type CombinedError, useMutation, useQuery, useSubscription } from 'urql';
import { Counter } from '../../react/page/counter.tsx';
import {
  AppendRow,
  FollowCounter,
  FollowList,
  MoveRow,
  ReadCounter,
  ReadList,
  RemoveRow,
  ResetCounter,
  ToggleCounter,
  ToggleRow,
} from '../../react/page/operations.ts';
import { Page } from '../../react/page/page.tsx';
import { type ListActions, TodoList } from '../../react/page/todo-list.tsx';

interface ExampleProps {
  readonly token: string;
  readonly onResult: (result: { readonly error?: CombinedError | undefined }) => void;
}

export function Examples({ token }: { readonly token: string }) {
  const [error, setError] = useState<string | null>(null);
  const onResult: ExampleProps['onResult'] = (result) => setError(messageOf(result.error));
  return (
    <Page
      title="urql"
      lead="Two states of one token in Graphcache, kept by two subscriptions. The list shows what you do before the server has done it."
      error={error}
    >
      <TaskExample token={token} onResult={onResult} />
      <ListExample token={token} onResult={onResult} />
    </Page>
  );
}

/** The subscription keeps the cache; what is shown is the cache. */
const cacheOnly = 'cache-only';

function TaskExample({ token, onResult }: ExampleProps) {
  const variables = { token };
  useSubscription({ query: FollowCounter, variables });
  const [{ data }] = useQuery({ query: ReadCounter, variables, requestPolicy: cacheOnly });
  const [, toggle] = useMutation(ToggleCounter);
  const [, clear] = useMutation(ResetCounter);
  if (!data) return null;
  return (
    <Counter
      state={data.myTask}
      onToggle={() => toggle(variables).then(onResult)}
      onClear={() => clear(variables).then(onResult)}
    />
  );
}

function ListExample({ token, onResult }: ExampleProps) {
  const variables = { token };
  useSubscription({ query: FollowList, variables });
  const [{ data }] = useQuery({ query: ReadList, variables, requestPolicy: cacheOnly });
  const [, append] = useMutation(AppendRow);
  const [, toggle] = useMutation(ToggleRow);
  const [, move] = useMutation(MoveRow);
  const [, remove] = useMutation(RemoveRow);
  if (!data) return null;
  const actions: ListActions = {
    append: async (title) => {
      const result = await append({ token, title });
      onResult(result);
      return !result.error;
    },
    toggle: ({ id }) => toggle({ token, id }).then(onResult),
    move: ({ id }, to) => move({ token, id, to }).then(onResult),
    remove: ({ id }) => remove({ token, id }).then(onResult),
  };
  return <TodoList list={data.todos} actions={actions} />;
}

/** What the server says of it; without an answer, what the browser says. */
function messageOf(error: CombinedError | undefined): string | null {
  return error?.graphQLErrors[0]?.message ?? error?.networkError?.message ?? null;
}
