import { iterateResults } from './iterate-results.ts';
import type { SubscriptionClient } from './subscription-client.ts';

/** The same client with another way to subscribe; its iterators go that way too. */
export function wrapClient<Client extends SubscriptionClient>(
  client: Client,
  subscribe: SubscriptionClient['subscribe'],
): Client {
  return {
    ...client,
    subscribe,
    iterate: (...[payload, on]: [payload: Payload, on?: Listener]) =>
      iterateResults((sink) => subscribe(payload, sink, on)),
  };
}

type Payload = Parameters<SubscriptionClient['subscribe']>[0];
type Listener = Parameters<SubscriptionClient['subscribe']>[2];
