import type { ApolloClient } from '@apollo/client';
import type { ToggleRowMutation } from '../../gql/graphql.ts';
import { appendRow, moveRow, removeRow, toggleRow } from '../../react/page/list-edits.ts';
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
  /** Of the state in the cache. */
  readonly stateId: string;
  readonly onError: (error: unknown) => void;
}

/**
 * Events that show what they will do before the server has done it. What they
 * showed goes when the server's answer comes, which `optimisticLink` holds back
 * until the subscription has brought what the server did.
 */
export function optimisticList(
  client: ApolloClient,
  { token, stateId, onError }: Target,
): ListActions {
  const state = { __typename: 'Todos' as const, id: stateId };
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
        (list) => list && { ...list, items: edit(list.items) },
      );
    },
  });

  return {
    append(title) {
      const variables = { token, title };
      const shown = showing((rows) => appendRow(rows, title));
      client.mutate({ mutation: AppendRow, variables, ...shown }).catch(onError);
    },
    toggle({ id }) {
      const variables = { token, id };
      const shown = showing((rows) => toggleRow(rows, id));
      client.mutate({ mutation: ToggleRow, variables, ...shown }).catch(onError);
    },
    move({ id }, to) {
      const variables = { token, id, to };
      const shown = showing((rows) => moveRow(rows, id, to));
      client.mutate({ mutation: MoveRow, variables, ...shown }).catch(onError);
    },
    remove({ id }) {
      const variables = { token, id };
      const shown = showing((rows) => removeRow(rows, id));
      client.mutate({ mutation: RemoveRow, variables, ...shown }).catch(onError);
    },
  };
}
