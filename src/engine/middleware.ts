import type { StateReference, StateShape } from '../state/definitions.ts';
import type { StateDraft, StateView } from '../state/handler-types.ts';
import type { MaybePromise } from '../time/at-once.ts';
import type { TokenKey } from '../tokens/token-key.ts';

interface Call {
  /** The state's name. */
  readonly state: string;
  /** The event's name. */
  readonly event: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The token's key. */
  readonly token: TokenKey;
}

/** An event that is about to run, under its token's lock. */
export interface EventInvocation<Context> extends Call {
  readonly kind: 'event';
  readonly context: Context;
  /** A state of the token, writable: what is written is part of the event's commit. */
  getState<Shape extends StateShape>(state: StateReference<Shape>): Promise<StateDraft<Shape>>;
}

/** A task that is about to run. It holds no lock. */
export interface TaskInvocation extends Call {
  readonly kind: 'background';
  readonly taskId: string;
  /** What `taskContext` made of the request. */
  readonly context: unknown;
  /** A state of the token, read-only. */
  getState<Shape extends StateShape>(state: StateReference<Shape>): Promise<StateView<Shape>>;
}

/**
 * Runs around every event and every task: before it, then `next()`, then after
 * it. An event commits when the outermost one is done, so that a throw at any
 * point rolls it back. One that does not call `next()` takes the place of the
 * handler. An error that a handler threw can be replaced, not made a success.
 */
export type Middleware<Context = unknown> = (
  call: EventInvocation<Context> | TaskInvocation,
  next: () => Promise<void>,
) => void | Promise<void>;

/** Runs a handler inside the middleware, the first of it outermost; `call` makes what they get. */
export function runMiddleware(
  middleware: readonly Middleware<never>[],
  call: () => object,
  run: () => MaybePromise<void>,
): MaybePromise<void> {
  return middleware.length > 0 ? runInside(middleware, call(), run) : run();
}

async function runInside(
  [outer, ...others]: readonly Middleware<never>[],
  call: object,
  run: () => MaybePromise<void>,
): Promise<void> {
  if (!outer) return run();
  let inner: Promise<void> | null = null;
  let isOver = false;
  const next = () => {
    if (isOver) throw new TypeError('Expected next() to be called before the middleware ends.');
    if (inner) throw new TypeError('Expected one call of next(), got a second.');
    inner = runInside(others, call, run);
    // It may not be waited for; its failure is thrown below.
    inner.catch(() => {});
    return inner;
  };
  try {
    await outer(call as never, next);
  } finally {
    isOver = true;
  }
  await inner;
}
