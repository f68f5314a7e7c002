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
  /** Called with why something failed, or with null if it did not. */
  readonly onResult: (error: unknown) => void;
}

export function Examples({ token }: { readonly token: string }) {
  const [error, setError] = useState<string | null>(null);
  const onResult = (reason: unknown) => setError(reason === null ? null : messageOf(reason));
  return (
    <Page
      title="Apollo Client"
      lead="Two states of one token in Apollo's cache, kept by two subscriptions. The list shows what you do before the server has done it."
      error={error}
    >
      <TaskExample token={token} onResult={onResult} />
      <ListExample token={token} onResult={onResult} />
    </Page>
  );
}

/** The subscription keeps the cache; what is shown is the cache. */
function TaskExample({ token, onResult }: ExampleProps) {
  const subscription = { variables: { token }, onError: onResult };
  const { data } = useSubscription(FollowCounter, subscription);
  const { data: state, complete } = useFragment({
    fragment: CounterFields,
    from: data ? data.myTask.state : null,
  });
  const options = { ...subscription, onCompleted: () => onResult(null) };
  const [toggle] = useMutation(ToggleCounter, options);
  const [clear] = useMutation(ResetCounter, options);
  if (!complete) return null;
  return <Counter state={state} onToggle={() => toggle()} onClear={() => clear()} />;
}

function ListExample({ token, onResult }: ExampleProps) {
  const client = useApolloClient();
  const { data } = useSubscription(FollowList, { variables: { token }, onError: onResult });
  const from = data ? data.todos.state : null;
  const { data: list, complete } = useFragment({ fragment: ListFields, from });
  if (!complete) return null;
  const actions = optimisticList(client, { token, list, onResult });
  return <TodoList list={list} actions={actions} />;
}

/** Without the name of the error's class. */
function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
