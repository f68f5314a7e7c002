export { createReconnectingClient } from './create-reconnecting-client.ts';
export {
  ClientDisposedError,
  type GraphQLErrorLike,
  SubscriptionRefusedError,
} from './graphql-errors.ts';
export type { DiffOf, LiveDocument, UnresumableDiff, UntypedData } from './live-document.ts';
export type { LiveSnapshot, LiveStatus } from './live-snapshot.ts';
export { type LiveState, liveState } from './live-state.ts';
export type { ResumableDiff } from './resuming-subscription.ts';
export type {
  ConnectionListener,
  OperationPayload,
  ResultSink,
  SubscriptionClient,
} from './subscription-client.ts';
export { trackVersions, type VersionTracking } from './track-versions.ts';
export { withDeltas } from './with-deltas.ts';
