import { channel } from 'node:diagnostics_channel';
import type { TokenKey } from '../tokens/token-key.ts';
import type { Publisher } from './publisher.ts';

/** The name of the channel of `node:diagnostics_channel` whose messages are {@link DiffMessage}s. */
export const subscriberDiffChannel = 'statewire:subscriber:diff';

/** A subscriber has taken a diff. */
export interface DiffMessage {
  readonly token: TokenKey;
  /** The names of the states in the diff. */
  readonly states: readonly string[];
  /** The token's version that the diff brings the subscriber to. */
  readonly version: number;
  /** Whether it is a snapshot, which replaces all that the subscriber has. */
  readonly reset: boolean;
  /** How many commits it brings; some may have changed nothing that the subscriber sees. */
  readonly commits: number;
}

export const subscriberDiffs: Publisher<DiffMessage> = channel(subscriberDiffChannel);
