import { trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { createTracing, type Tracing } from 'statewire/tracing';
import { onTestFinished } from 'vitest';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
// With its context manager.
provider.register();

/** Tracing that ends with the test, and the spans that have ended since its start. */
export interface Recording extends Tracing {
  readonly spans: readonly ReadableSpan[];
  /** The only span of this name. */
  span(name: string): ReadableSpan;
  /** The names of a span's children, in the order of the alphabet. */
  children(parent: ReadableSpan): string[];
}

export function recordSpans(): Recording {
  exporter.reset();
  const tracing = createTracing();
  onTestFinished(() => tracing.stop());
  const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);
  return {
    ...tracing,
    get spans() {
      return exporter.getFinishedSpans();
    },
    span(name) {
      const [span, ...others] = named(name);
      if (!span || others.length > 0) {
        const names = exporter.getFinishedSpans().map((each) => each.name);
        throw new Error(`Expected one span ${name}, got ${names.join(', ')}.`);
      }
      return span;
    },
    children: (parent) =>
      exporter
        .getFinishedSpans()
        .filter((span) => span.parentSpanContext?.spanId === parent.spanContext().spanId)
        .map(({ name }) => name)
        .sort(),
  };
}

/** Runs work in a span of the test's own, as an instrumentation of HTTP would. */
export function inRequest<T>(work: () => Promise<T>): Promise<T> {
  return trace.getTracer('test').startActiveSpan('POST /graphql', async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}

/** When a span began, in ms since 1970. */
export function startOf({ startTime: [seconds, nanoseconds] }: ReadableSpan): number {
  return seconds * 1_000 + nanoseconds / 1e6;
}

/** How long a span took, in ms. */
export function durationOf({ duration: [seconds, nanoseconds] }: ReadableSpan): number {
  return seconds * 1_000 + nanoseconds / 1e6;
}
