import { SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { listen } from '../diagnostics/listen.ts';
import { type LockMessage, lockChannel } from '../diagnostics/lock.ts';
import type { RunSpans } from './run-spans.ts';

/** A span for each wait for a lock, below the event, task or request that has waited. */
export function traceLocks(tracer: Tracer, runs: RunSpans): () => void {
  return listen<LockMessage>(lockChannel, ({ token, label, waitMs, holdMs, outcome }) => {
    const parent = runs.context;
    // A wait by itself says nothing.
    if (!trace.getSpan(parent)) return;
    const grantedAt = Date.now() - holdMs;
    const attributes = {
      'statewire.token': token,
      'statewire.label': label,
      'statewire.lock.outcome': outcome,
      'statewire.lock.hold_ms': holdMs,
    };
    const options = { startTime: grantedAt - waitMs, attributes };
    const span = tracer.startSpan('wait for lock', options, parent);
    if (outcome === 'timeout') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(grantedAt);
  });
}
