import { ShownVersions, type StateVersion } from './shown-versions.ts';
import type { ResultSink, SubscriptionClient } from './subscription-client.ts';
import { wrapClient } from './wrap-client.ts';

/** A mutation is not held back for longer, in ms: a subscription may be cut just now. */
const longestMs = 5_000;

export interface VersionTracking {
  /**
   * Resolves when the client's subscriptions have shown what a mutation has
   * answered: the `version` it was given together with `state { id }`, for each of
   * its fields. At once if nobody is subscribed to the state, and after 5 s at the
   * latest. So an optimistic update can stay until the real one is there.
   */
  shown(data: unknown): Promise<void>;
}

/**
 * The same client, which knows what versions of states its subscriptions have
 * shown: those that select `version` and `state { id }`.
 */
export function trackVersions<Client extends SubscriptionClient>(
  client: Client,
): Client & VersionTracking {
  const versions = new ShownVersions();
  const subscribe: SubscriptionClient['subscribe'] = (payload, sink, on) => {
    if (payload.extensions?.['delta'] !== undefined) {
      throw new TypeError('Expected trackVersions(withDeltas(client)): it reads whole results.');
    }
    const subscription = versions.subscription();
    const tracked: ResultSink = {
      next(result) {
        sink.next(result);
        // After its reader, whose cache has it now.
        subscription.show(versionsIn((result as { readonly data?: unknown }).data));
      },
      error(error) {
        subscription.end();
        sink.error(error);
      },
      complete() {
        subscription.end();
        sink.complete();
      },
    };
    const unsubscribe = client.subscribe(payload, tracked, on);
    return () => {
      subscription.end();
      unsubscribe();
    };
  };
  const shown = async (data: unknown) => {
    await Promise.all(versionsIn(data).map((each) => versions.reached(each, longestMs)));
  };
  return { ...wrapClient(client, subscribe), shown };
}

/** Of each field that is a diff, the diff of a token, or the answer of an event. */
function versionsIn(data: unknown): StateVersion[] {
  return Object.values((data ?? {}) as object)
    .flatMap((field: Field) => field?.diffs ?? [field])
    .flatMap((field) => {
      const { version, state } = field ?? {};
      return typeof version === 'number' && state?.id ? [{ id: state.id, version }] : [];
    });
}

type Field = {
  readonly version?: number;
  readonly state?: { readonly id?: string } | null;
  readonly diffs?: readonly Field[];
} | null;
