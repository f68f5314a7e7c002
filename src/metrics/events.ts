import { Counter, Histogram, type Registry } from 'prom-client';
import { type EventMessage, eventChannel } from '../diagnostics/event.ts';
import { listen } from '../diagnostics/listen.ts';
import { secondsBuckets } from './buckets.ts';

/** Puts its metrics on the registry, and counts until the returned function is called. */
export function collectEvents(registry: Registry): () => void {
  const total = new Counter({
    name: 'statewire_events_total',
    help: 'Events that were committed, or have failed.',
    labelNames: ['state', 'event', 'outcome'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'statewire_event_duration_seconds',
    help: 'From before an event waits for its lock until it is committed or has failed.',
    labelNames: ['state', 'event'],
    buckets: secondsBuckets,
    registers: [registry],
  });
  const startedAt = new WeakMap<EventMessage, number>();
  const stopStarts = listen<EventMessage>(`tracing:${eventChannel}:start`, (message) => {
    startedAt.set(message, performance.now());
  });
  const stopEnds = listen<EventMessage>(`tracing:${eventChannel}:asyncEnd`, (message) => {
    const start = startedAt.get(message);
    // It began before anybody listened.
    if (start === undefined) return;
    const { state, event } = message;
    total.inc({ state, event, outcome: 'error' in message ? 'failed' : 'committed' });
    duration.observe({ state, event }, (performance.now() - start) / 1_000);
  });
  return () => {
    stopStarts();
    stopEnds();
  };
}
