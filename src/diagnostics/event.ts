import { tracingChannel } from 'node:diagnostics_channel';
import type { TokenKey } from '../tokens/token-key.ts';
import { traceRun } from './trace-run.ts';

/** The name of the tracing channel of `node:diagnostics_channel` whose messages are {@link EventMessage}s. */
export const eventChannel = 'statewire:event';

/**
 * An event, from before it waits for its lock until it is committed or has failed.
 * `start`, `error` and `asyncEnd` get the same object.
 */
export interface EventMessage {
  readonly token: TokenKey;
  /** The state's name. */
  readonly state: string;
  /** The event's name. */
  readonly event: string;
  /** Why it failed: there on `error`, and on `asyncEnd` if it has failed. */
  readonly error?: unknown;
}

const channels = tracingChannel<unknown, EventMessage>(eventChannel);

/** Whether anybody listens. */
export function isEventTraced(): boolean {
  return channels.hasSubscribers;
}

/** Runs an event inside its tracing channel, see {@link traceRun}. */
export function traceEvent<T>(message: EventMessage, run: () => Promise<T>): Promise<T> {
  return traceRun(channels, message, run);
}
