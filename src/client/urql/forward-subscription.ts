import type { SubscriptionForwarder } from '@urql/core';
import type { SubscriptionClient } from '../subscription-client.ts';

/** What `subscriptionExchange` of urql takes: subscriptions go over this client. */
export function forwardSubscription(client: SubscriptionClient): SubscriptionForwarder {
  return ({ query = '', variables, extensions }) => ({
    subscribe: (sink) => ({
      unsubscribe: client.subscribe(
        { query, variables, extensions: extensions ?? null },
        {
          next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
          error: (error) => sink.error(error),
          complete: () => sink.complete(),
        },
      ),
    }),
  });
}
