import { type EventMessage, eventChannel } from '../diagnostics/event.ts';
import type { RunSpans } from './run-spans.ts';

/** A span for each event, from before it waits for its lock to its commit. */
export function traceEvents(runs: RunSpans): () => void {
  return runs.follow<EventMessage>({
    channel: eventChannel,
    name: ({ state, event }) => `${state}.${event}`,
    attributes: ({ token, state, event }) => ({
      'statewire.token': token,
      'statewire.state': state,
      'statewire.event': event,
    }),
  });
}
