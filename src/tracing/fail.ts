import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** Tells in a span why what it stands for has failed. */
export function fail(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : new Error(textOf(error));
  const { code } = exception as { readonly code?: unknown };
  span.recordException(exception);
  span.setAttribute('error.type', typeof code === 'string' ? code : exception.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}

/** Of whatever was thrown: it may have no text, or throw when it is asked for it. */
function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return typeof error;
  }
}
