import { DeltaDecoder } from '../delta/delta-decoder.ts';
import { deltaVersion } from '../delta/patch.ts';
import type {
  ConnectionListener,
  OperationPayload,
  ResultSink,
  SubscriptionClient,
} from './subscription-client.ts';
import { wrapClient } from './wrap-client.ts';

/** After so many differences that did not fit, a subscription asks for whole results. */
const maxMismatches = 3;

/**
 * The same client of `graphql-ws` or `graphql-sse`, on less wire: it asks the
 * server for differences between results, and gives whole ones, so that nothing
 * else has to know. From a server that has none to offer, or another version of
 * them, results are whole anyway.
 *
 * Results are to be read only: what did not change is the same object as in the
 * one before. If a difference does not fit, the operation is sent again, as after a
 * broken connection, and begins with a whole result.
 */
export function withDeltas<Client extends SubscriptionClient>(client: Client): Client {
  return wrapClient(client, (payload, sink, on) =>
    subscribeWithDeltas(client, { payload, sink, on }),
  );
}

interface Subscription {
  readonly payload: OperationPayload;
  readonly sink: ResultSink;
  readonly on: ConnectionListener | undefined;
}

function subscribeWithDeltas(
  client: SubscriptionClient,
  { payload, sink, on }: Subscription,
): () => void {
  let mismatches = 0;
  let hasEnded = false;
  let end = () => {};

  const begin = () => {
    const decoder = new DeltaDecoder();
    let isReplaced = false;
    const restored: ResultSink = {
      next(message) {
        if (isReplaced) return;
        const result = decoder.decode(message as object);
        if (result) {
          sink.next(result);
          return;
        }
        isReplaced = true;
        mismatches += 1;
        // Not within the client's own call: it may still be about to tell how to end it.
        queueMicrotask(beginAgain);
      },
      error: (error) => isReplaced || sink.error(error),
      complete: () => isReplaced || sink.complete(),
    };
    const asked = mismatches < maxMismatches ? askForDeltas(payload) : payload;
    end = client.subscribe(asked, restored, on);
  };

  const beginAgain = () => {
    if (hasEnded) return;
    end();
    begin();
  };

  begin();
  return () => {
    hasEnded = true;
    end();
  };
}

/** Variables stay the same object: who changes them says what a retry sends. */
function askForDeltas(payload: OperationPayload): OperationPayload {
  return { ...payload, extensions: { ...payload.extensions, delta: deltaVersion } };
}
