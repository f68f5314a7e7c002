/**
 * What is there at once, or comes later. The way of most events waits for nothing: it
 * makes no promise for each step of it, which would cost more than the steps.
 */
export type MaybePromise<T> = T | Promise<T>;

/**
 * Whether it has a `then`: what users and their resolvers give for a promise may be no
 * {@link Promise}. Most of what is asked of is a scalar: no prototype of one is searched for it.
 */
export function isThenable(value: unknown): value is Promise<unknown> {
  switch (typeof value) {
    case 'object':
    case 'function':
      return typeof (value as { readonly then?: unknown } | null)?.then === 'function';
    default:
      return false;
  }
}

/** Goes on with a value: now if it is there, else when it is. */
export function andThen<T, Next>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<Next>,
): MaybePromise<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Does the work; `onError` takes what it throws, now or later. */
export function orElse<T>(
  work: () => MaybePromise<T>,
  onError: (error: unknown) => MaybePromise<T>,
): MaybePromise<T> {
  try {
    const value = work();
    return value instanceof Promise ? value.catch(onError) : value;
  } catch (error) {
    return onError(error);
  }
}
