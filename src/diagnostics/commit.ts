import { channel } from 'node:diagnostics_channel';
import type { TokenKey } from '../tokens/token-key.ts';
import type { Publisher } from './publisher.ts';

/** The name of the channel of `node:diagnostics_channel` whose messages are {@link CommitMessage}s. */
export const commitChannel = 'statewire:commit';

/** A commit of this process is stored. */
export interface CommitMessage {
  readonly token: TokenKey;
  /** Who held the lock: `MyTask.toggleRunning`, `app.modifyState`. It never has a token in it. */
  readonly label: string;
  /** The token's version from this commit on. */
  readonly version: number;
  /** The names of the states that changed visibly. */
  readonly states: readonly string[];
  /** How many operations its entry has. */
  readonly operations: number;
  /** How long it was in the store's hands, in ms. */
  readonly durationMs: number;
}

export const commits: Publisher<CommitMessage> = channel(commitChannel);
