import { channel } from 'node:diagnostics_channel';
import type { Publisher } from './publisher.ts';

/** The name of the channel of `node:diagnostics_channel` whose messages are {@link StoreErrorMessage}s. */
export const storeErrorChannel = 'statewire:store:error';

/** The store has failed to do something. */
export interface StoreErrorMessage {
  /** What it was asked to do: the name of a method of the store or of a lease. */
  readonly operation: string;
  readonly error: unknown;
}

export const storeErrors: Publisher<StoreErrorMessage> = channel(storeErrorChannel);
