import { channel } from 'node:diagnostics_channel';
import type { TokenKey } from '../tokens/token-key.ts';
import type { Publisher } from './publisher.ts';

/** The name of the channel of `node:diagnostics_channel` whose messages are {@link LockMessage}s. */
export const lockChannel = 'statewire:lock';

/** A lock has ended, or whoever waited for it did not get it. */
export interface LockMessage {
  readonly token: TokenKey;
  /** Who asked for it: `MyTask.toggleRunning`, `app.modifyState`. It never has a token in it. */
  readonly label: string;
  /** From the request to the grant, or to the end of the wait, in ms. */
  readonly waitMs: number;
  /** From the grant to the end, in ms; 0 if it was never had. */
  readonly holdMs: number;
  /**
   * `released` by its holder; `lost` while it was held; never had, since the wait took
   * `acquireTimeoutMs` (`timeout`) or whoever waited gave up (`abandoned`).
   */
  readonly outcome: 'released' | 'lost' | 'timeout' | 'abandoned';
}

export const locks: Publisher<LockMessage> = channel(lockChannel);
