/** What was thrown; an error in its place if it cannot even be looked at, as a revoked proxy. */
export function readableError(thrown: unknown): unknown {
  try {
    if (typeof thrown === 'object' && thrown !== null) Object.getPrototypeOf(thrown);
    return thrown;
  } catch (cause) {
    return new Error('Something was thrown that cannot be read.', { cause });
  }
}
