import { PatchMismatchError } from '../delta/apply-patch.ts';
import { DeltaDecoder } from '../delta/delta-decoder.ts';
import { deltaVersion } from '../delta/patch.ts';
import { iterateResults } from './iterate-results.ts';
import type {
  ConnectionListener,
  OperationPayload,
  ResultSink,
  SubscriptionClient,
} from './subscription-client.ts';

/** After so many differences in a row that did not fit, whole results are asked for. */
const maxMismatches = 3;

/**
 * The same client of `graphql-ws` or `graphql-sse`, on less wire: it asks the
 * server for differences between results, and gives whole ones, so that nothing
 * else has to know. From a server that has none to offer, or another version of
 * them, results are whole anyway.
 *
 * Results are frozen, and what did not change is the same object as in the one
 * before. If a difference does not fit, the operation is sent again, as after a
 * broken connection, and begins with a whole result.
 */
export function withDeltas<Client extends SubscriptionClient>(client: Client): Client {
  const subscribe = (payload: OperationPayload, sink: ResultSink, on?: ConnectionListener) =>
    subscribeWithDeltas(client, { payload, sink, on });
  return {
    ...client,
    subscribe,
    iterate: (payload: OperationPayload, on?: ConnectionListener) =>
      iterateResults((sink) => subscribe(payload, sink, on)),
  };
}

interface Subscription {
  readonly payload: OperationPayload;
  readonly sink: ResultSink;
  readonly on: ConnectionListener | undefined;
}

function subscribeWithDeltas(client: SubscriptionClient, subscription: Subscription): () => void {
  const { payload, sink, on } = subscription;
  let mismatches = 0;
  let end = () => {};

  const begin = () => {
    const decoder = new DeltaDecoder();
    let replaced = false;
    const inner: ResultSink = {
      next(message) {
        if (replaced) return;
        let result: unknown;
        try {
          result = decoder.decode(message as object);
          if ('delta' in (message as object)) mismatches = 0;
        } catch (error) {
          if (!(error instanceof PatchMismatchError)) throw error;
          replaced = true;
          mismatches += 1;
          restart();
          return;
        }
        sink.next(result);
      },
      error: (error) => replaced || sink.error(error),
      complete: () => replaced || sink.complete(),
    };
    end = client.subscribe(mismatches < maxMismatches ? askForDeltas(payload) : payload, inner, on);
  };

  const restart = () => {
    // Not within the client's own call: it may still be about to tell how to end it.
    queueMicrotask(() => {
      if (ended) return;
      end();
      begin();
    });
  };

  let ended = false;
  begin();
  return () => {
    ended = true;
    end();
  };
}

/** Variables stay the same object: who changes them says what a retry sends. */
function askForDeltas(payload: OperationPayload): OperationPayload {
  return { ...payload, extensions: { ...payload.extensions, delta: deltaVersion } };
}
