import type { StateReference } from '../state/definitions.ts';
import type { EventCall } from '../state/event-reference.ts';
import { andThen, type MaybePromise } from '../time/at-once.ts';
import { detached } from '../values/detached.ts';
import type { EngineOptions } from './engine-options.ts';
import { holdLocks } from './hold-lock.ts';
import { callUser } from './lock-context.ts';
import { runMiddleware } from './middleware.ts';
import type { Origin } from './origin.ts';
import { runHandler } from './run-handler.ts';
import { openState } from './state-draft.ts';
import type { TokenLock } from './token-lock.ts';

/**
 * Runs an event as the transaction of its lock, inside the middleware. Rejects
 * as soon as the lock is lost: its caller does not wait for a handler that may
 * never end.
 */
export function runEvent(
  options: Pick<EngineOptions, 'middleware'>,
  lock: TokenLock,
  call: EventCall & { readonly origin: Origin },
): MaybePromise<void> {
  const { state, handler } = call.event;
  const running = holdLocks(
    [lock],
    () => andThen(openState(lock, state), (draft) => runIn(draft, { ...call, options, lock })),
    options.middleware.length === 0 ? handler : null,
  );
  return running instanceof Promise ? Promise.race([running, lock.whenLost]) : running;
}

interface EventRun extends EventCall {
  readonly origin: Origin;
  readonly lock: TokenLock;
  readonly options: Pick<EngineOptions, 'middleware'>;
}

function runIn(
  draft: object,
  { event, args, origin, lock, options }: EventRun,
): MaybePromise<void> {
  const { state, name, handler } = event;
  const { room } = lock;
  const isLoad = event === state.lifecycle.onLoad;
  // Another subscription, or another node, may have been first.
  if (isLoad && room.requireState(room.snapshot, state).loaded) return;
  const context = origin.eventContext;
  const run = () => {
    const result =
      handler && callUser(handler, draft as never, detached(args) as never, context as never);
    return runHandler(result, lock);
  };
  const call = () => ({
    kind: 'event',
    ...{ state: state.name, event: name, args, token: room.key, context },
    getState: async (reference: StateReference) => openState(lock, reference.definition),
  });
  return andThen(runMiddleware(options.middleware, call, run), () => {
    // With the last commit: what failed after a flush has not loaded.
    if (isLoad) lock.markLoaded(state);
  });
}
