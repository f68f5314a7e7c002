import type { GraphQLErrorLike, SubscriptionRefusedError } from './graphql-errors.ts';

/**
 * - `connecting`: nothing has come yet;
 * - `live`: what is shown is what the server has, or is about to be;
 * - `stale`: the connection is lost, or nobody listens: what is shown is what was known last;
 * - `closed`: the server has refused the subscription; `error` says why.
 */
export type LiveStatus = 'connecting' | 'live' | 'stale' | 'closed';

/** What is known of a state at a moment. Never changed: a new one takes its place. */
export interface LiveSnapshot<Diff> {
  readonly status: LiveStatus;
  /** The last diff; null before the first one. */
  readonly diff: Diff | null;
  /** Errors of fields of the last diff. */
  readonly errors: readonly GraphQLErrorLike[];
  /** Why it is `closed`; null else. */
  readonly error: SubscriptionRefusedError | null;
}
