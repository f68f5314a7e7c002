import { context, type TracerProvider, trace } from '@opentelemetry/api';
import type { Middleware } from '../engine/middleware.ts';
import { traceCommits } from './commit-spans.ts';
import { traceEvents } from './event-spans.ts';
import { traceLocks } from './lock-spans.ts';
import { RunSpans } from './run-spans.ts';
import { traceTasks } from './task-spans.ts';

export interface TracingOptions {
  /** Where spans go. Default: the global one, also if it is registered later. */
  readonly tracerProvider?: TracerProvider;
}

export interface Tracing {
  /** Makes the span of an event or a task the active one in its handler. Belongs to `createApp`, as the first of its middleware. */
  readonly middleware: Middleware;
  /** Ends the tracing, and the spans that are open. */
  stop(): void;
}

/**
 * Traces every app of this process with OpenTelemetry, from now on: a span for each
 * event, each run of a task, each wait for a lock, each commit and each diff that a
 * subscriber takes of it.
 */
export function createTracing({
  tracerProvider = trace.getTracerProvider(),
}: TracingOptions = {}): Tracing {
  const tracer = tracerProvider.getTracer('statewire');
  const runs = new RunSpans(tracer);
  const stops = [
    traceEvents(runs),
    traceTasks(runs),
    traceLocks(tracer, runs),
    traceCommits(tracer, runs),
  ];
  return {
    middleware: (_call, next) => context.with(runs.context, next),
    stop() {
      for (const stop of stops) stop();
      runs.endAll();
    },
  };
}
