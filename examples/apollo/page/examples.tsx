import { useApolloClient, useFragment, useMutation, useSubscription } from '@apollo/client/react';
import { useState } from 'react';
import { Counter } from '../../react/page/counter.tsx';
import {
  CounterFields,
  FollowCounter,
  FollowList,
  ListFields,
  ResetCounter,
  ToggleCounter,
} from '../../react/page/operations.ts';
import { Page } from '../../react/page/page.tsx';
import { TodoList } from '../../react/page/todo-list.tsx';
import { optimisticList } from './optimistic-list.ts';

interface ExampleProps {
  readonly token: string;
  readonly onError: (error: unknown) => void;
}

export function Examples({ token }: { readonly token: string }) {
  const [error, setError] = useState<string | null>(null);
  const onError = (reason: unknown) => setError(String(reason));
  return (
    <Page
      title="Apollo Client"
      lead="Two states of one token in Apollo's cache, kept by two subscriptions. The list shows what you do before the server has done it."
      error={error}
    >
      <TaskExample token={token} onError={onError} />
      <ListExample token={token} onError={onError} />
    </Page>
  );
}

/** The subscription keeps the cache; what is shown is the cache. */
function TaskExample({ token, onError }: ExampleProps) {
  const { data } = useSubscription(FollowCounter, { variables: { token }, onError });
  const { data: state, complete } = useFragment({
    fragment: CounterFields,
    from: data ? data.myTask.state : null,
  });
  const options = { variables: { token }, onError };
  const [toggle] = useMutation(ToggleCounter, options);
  const [clear] = useMutation(ResetCounter, options);
  if (!complete) return null;
  return <Counter state={state} onToggle={() => toggle()} onClear={() => clear()} />;
}

function ListExample({ token, onError }: ExampleProps) {
  const client = useApolloClient();
  const { data } = useSubscription(FollowList, { variables: { token }, onError });
  const from = data ? data.todos.state : null;
  const { data: list, complete } = useFragment({ fragment: ListFields, from });
  if (!complete) return null;
  const actions = optimisticList(client, { token, stateId: list.id, onError });
  return <TodoList list={list} actions={actions} />;
}
