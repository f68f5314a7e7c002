type Resolver = (...args: never[]) => unknown;

const pure = new WeakSet<Resolver>();

/**
 * Marks a resolver whose value depends on its source alone: it is synchronous, and may be
 * called with the source and nothing else. Whatever wraps it is another function, and not marked.
 */
export function markPure<R extends Resolver>(resolve: R): R {
  pure.add(resolve);
  return resolve;
}

export function isPure(resolve: Resolver): boolean {
  return pure.has(resolve);
}
