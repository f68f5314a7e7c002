import { channel } from 'node:diagnostics_channel';
import type { TokenKey } from '../tokens/token-key.ts';
import type { Publisher } from './publisher.ts';

/** The name of the channel of `node:diagnostics_channel` whose messages are {@link SubscriberLag}s. */
export const subscriberLagChannel = 'statewire:subscriber:lag';

/** A subscriber was too far behind to get each commit: it got several as one diff. */
export interface SubscriberLag {
  readonly token: TokenKey;
  /** The names of the states in the diff. */
  readonly states: readonly string[];
  /** How many commits of the token it was behind, 2 or more; some may have changed nothing that it sees. */
  readonly commits: number;
}

export const subscriberLags: Publisher<SubscriberLag> = channel(subscriberLagChannel);
