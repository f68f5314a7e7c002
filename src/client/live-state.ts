import {
  type DiffOf,
  type LiveDocument,
  textOfDocument,
  type UntypedData,
} from './live-document.ts';
import { LiveIterator } from './live-iterator.ts';
import type { LiveSnapshot } from './live-snapshot.ts';
import { LiveStore } from './live-store.ts';
import type {
  ResumableDiff,
  ResumableOperation,
  ResumableVariables,
} from './resuming-subscription.ts';
import type { SubscriptionClient } from './subscription-client.ts';

/**
 * A subscription to a state that outlives its connections: it goes on from its
 * last cursor, on whatever server answers. As a store it shows the last diff and
 * how the connection is; as an async iterator it gives every diff.
 */
export interface LiveState<Diff extends ResumableDiff> {
  /**
   * Calls the listener after each change of the snapshot. The subscription runs
   * while anybody listens, and goes on from its cursor when somebody does again.
   * Bound, as `useSyncExternalStore` of React wants it.
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object until something changes. Bound. */
  readonly getSnapshot: () => LiveSnapshot<Diff>;
  /** Where the store stands: what another one can begin `since`. */
  readonly cursor: string | null;
  /**
   * How many diffs, of the store and of iterators, did not follow from the one
   * before; their subscription began anew with a snapshot. The server promises that
   * it stays 0. Needs `since` in the selection.
   */
  readonly gaps: number;
  /**
   * Resolves when the store has reached a version of the state: that of a
   * mutation's answer, say, so that its outcome is shown. Listens while it waits.
   *
   * @throws SubscriptionRefusedError when it is closed; the signal's reason when that aborts.
   */
  reached(version: number, options?: { readonly signal?: AbortSignal }): Promise<Diff>;
  /**
   * Every diff from the variable `since` on, for one reader, by a subscription of
   * its own. A reader that is more than 64 diffs behind gets the rest merged by
   * the server, like any slow subscriber. It ends when its reader leaves.
   *
   * @throws SubscriptionRefusedError if it is refused.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Diff>;
}

/**
 * @param client of `graphql-ws` or `graphql-sse`, with deltas or without.
 * @param document a subscription to a state, or to the `states` of a token, with
 * `since: $since`, and with `cursor` and `version` selected.
 * @param variables its `since` is where iterators begin: a cursor of the same token, say of
 * another tab or before a reload. Without it a snapshot comes first, as always to the store.
 * @throws TypeError for a document without `since: $since`.
 */
export function liveState<Data = UntypedData, Variables extends object = object>(
  client: SubscriptionClient,
  document: LiveDocument<Data, Variables>,
  variables: NoInfer<Variables>,
): LiveState<DiffOf<Data>> {
  let gaps = 0;
  const operation: ResumableOperation = {
    query: textOfDocument(document),
    // Its `since` is looked for in the document.
    variables: variables as ResumableVariables,
    onGap: () => {
      gaps += 1;
    },
  };
  const store = new LiveStore<DiffOf<Data>>(client, operation);
  return {
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    get cursor() {
      return store.cursor;
    },
    get gaps() {
      return gaps;
    },
    reached: (version, options) => store.reached(version, options),
    [Symbol.asyncIterator]: () => new LiveIterator<DiffOf<Data>>(client, operation),
  };
}
