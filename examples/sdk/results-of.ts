import type { Client, FormattedExecutionResult } from 'graphql-ws';
import { type GraphQLErrorLike, SubscriptionRefusedError } from 'statewire/client';
import type { Operation } from './operation.ts';

/**
 * The data of a subscription that has no cursor to go on from: it begins anew
 * whenever the client connects again. Its loop just ends when its reader leaves.
 */
export function resultsOf<Data>(
  client: Client,
  { query, variables }: Operation,
): AsyncIterableIterator<Data, undefined> {
  const results = client.iterate<Data>({ query, variables: { ...variables } });
  return {
    async next() {
      const { done, value } = await results.next().catch(refuse);
      return done ? { done, value: undefined } : { value: dataOf(value) };
    },
    async return() {
      await results.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** What is no list of errors is about the connection. */
function refuse(reason: unknown): never {
  const errors = Array.isArray(reason) ? (reason as readonly GraphQLErrorLike[]) : [];
  throw new SubscriptionRefusedError(errors, { cause: reason });
}

function dataOf<Data>({ data, errors }: FormattedExecutionResult<Data, unknown>): Data {
  if (!data || errors) throw new SubscriptionRefusedError((errors ?? []) as GraphQLErrorLike[]);
  return data;
}
