import type { StateReference } from '../state/definitions.ts';
import type { EventCall } from '../state/event-reference.ts';
import { detached } from '../values/detached.ts';
import type { EngineOptions } from './engine-options.ts';
import { holdLocks } from './hold-lock.ts';
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
export async function runEvent(
  options: Pick<EngineOptions, 'middleware'>,
  lock: TokenLock,
  call: EventCall & { readonly origin: Origin },
): Promise<void> {
  await Promise.race([runHandlerOf(call, lock, options), lock.whenLost]);
}

async function runHandlerOf(
  { event, args, origin }: EventCall & { readonly origin: Origin },
  lock: TokenLock,
  { middleware }: Pick<EngineOptions, 'middleware'>,
): Promise<void> {
  const { state, name, handler } = event;
  const { room } = lock;
  await holdLocks([lock], async () => {
    const draft = await openState(lock, state);
    const isLoad = event === state.lifecycle.onLoad;
    // Another subscription, or another node, may have been first.
    if (isLoad && room.requireState(room.snapshot, state).loaded) return;
    const context = origin.eventContext;
    const invocation = {
      kind: 'event',
      state: state.name,
      event: name,
      args,
      token: room.key,
      context,
      getState: (reference: StateReference) => openState(lock, reference.definition),
    };
    await runMiddleware(middleware, invocation, async () => {
      const result = handler?.(draft as never, detached(args) as never, context as never);
      await runHandler(result, lock);
    });
    // With the last commit: what failed after a flush has not loaded.
    if (isLoad) lock.markLoaded(state);
  });
}
