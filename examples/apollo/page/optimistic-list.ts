import type { ApolloClient, OperationVariables, TypedDocumentNode } from '@apollo/client';
import type { ListFieldsFragment, ToggleRowMutation } from '../../gql/graphql.ts';
import { appendRow, moveRow, removeRow, setDone } from '../../react/page/list-edits.ts';
import {
  AppendRow,
  ListFields,
  MoveRow,
  RemoveRow,
  ToggleRow,
} from '../../react/page/operations.ts';
import type { ListActions, Row } from '../../react/page/todo-list.tsx';

/** No version that a server answers with. */
const notYet = -1;

interface Target {
  readonly token: string;
  /** As it is shown. */
  readonly list: ListFieldsFragment;
  /** Called with why an event failed, or with null if it did not. */
  readonly onResult: (error: unknown) => void;
}

/**
 * Events that show what they will do before the server has done it. What they
 * showed goes when the server's answer comes, which `optimisticLink` holds back
 * until the subscription has brought what the server did.
 */
export function optimisticList(
  client: ApolloClient,
  { token, list, onResult }: Target,
): ListActions {
  const state = { __typename: 'Todos' as const, id: list.id };
  const optimisticResponse: ToggleRowMutation = {
    answer: { __typename: 'TodosEventResult', version: notYet, state },
  };

  /** Options of a mutation that does this to the rows until the answer is there. */
  const showing = (edit: (rows: readonly Row[]) => Row[]) => ({
    optimisticResponse,
    update: (
      cache: ApolloClient['cache'],
      { data }: { readonly data?: ToggleRowMutation | null },
    ) => {
      // Apollo calls it for the answer too: then there is nothing left to do.
      if (data?.answer.version !== notYet) return;
      cache.updateFragment(
        { from: state, fragment: ListFields, fragmentName: 'ListFields' },
        (shown) => shown && { ...shown, items: edit(shown.items) },
      );
    },
  });

  /** Sends an event, and does this to the rows until it is answered. Resolves to whether the server did it. */
  const send = async <Variables extends OperationVariables>(
    event: {
      readonly mutation: TypedDocumentNode<ToggleRowMutation, Variables>;
      readonly variables: Variables;
    },
    edit: (rows: readonly Row[]) => Row[],
  ): Promise<boolean> => {
    try {
      await client.mutate<ToggleRowMutation>({ ...event, ...showing(edit) });
      onResult(null);
      return true;
    } catch (error) {
      onResult(error);
      return false;
    }
  };

  return {
    append: (title) =>
      send({ mutation: AppendRow, variables: { token, title } }, (rows) =>
        appendRow(rows, title, list.items.length),
      ),
    toggle: ({ id, done }) =>
      void send({ mutation: ToggleRow, variables: { token, id } }, (rows) =>
        setDone(rows, id, !done),
      ),
    move: ({ id }, to) =>
      void send({ mutation: MoveRow, variables: { token, id, to } }, (rows) =>
        moveRow(rows, id, to),
      ),
    remove: ({ id }) =>
      void send({ mutation: RemoveRow, variables: { token, id } }, (rows) => removeRow(rows, id)),
  };
}
