import { callReader } from './call-reader.ts';
import { iterateResults } from './iterate-results.ts';
import type { ResultSink, SubscriptionClient } from './subscription-client.ts';

/**
 * The same client with another way to subscribe; its iterators go that way too.
 * What a reader throws does not come back to the client.
 */
export function wrapClient<Client extends SubscriptionClient>(
  client: Client,
  subscribe: SubscriptionClient['subscribe'],
): Client {
  return {
    ...client,
    subscribe: (payload: Payload, sink: ResultSink, on?: Listener) =>
      subscribe(payload, guarded(sink), on),
    iterate: (...[payload, on]: [payload: Payload, on?: Listener]) =>
      iterateResults((sink) => subscribe(payload, sink, on)),
  };
}

function guarded(sink: ResultSink): ResultSink {
  return {
    next: (result) => callReader(() => sink.next(result)),
    error: (error) => sink.error(error),
    complete: () => sink.complete(),
  };
}

type Payload = Parameters<SubscriptionClient['subscribe']>[0];
type Listener = Parameters<SubscriptionClient['subscribe']>[2];
