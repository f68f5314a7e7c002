import type { StateReference } from '../state/definitions.ts';
import type { EventCall } from '../state/event-reference.ts';
import type { MaybePromise } from '../time/at-once.ts';
import { detached } from '../values/detached.ts';
import type { EngineOptions } from './engine-options.ts';
import { holdLocks } from './hold-lock.ts';
import { noteResult } from './lock-context.ts';
import { runMiddleware } from './middleware.ts';
import type { Origin } from './origin.ts';
import { runHandler } from './run-handler.ts';
import { createStateDraft, openState } from './state-draft.ts';
import { type Habit, habitOfHandler, unknownHabit } from './synchronous.ts';
import type { TokenLock } from './token-lock.ts';

/**
 * Runs an event as the transaction of its lock, inside the middleware. Rejects
 * as soon as the lock is lost: its caller does not wait for a handler that may
 * never end.
 */
export function runEvent(
  lock: TokenLock,
  call: EventCall,
  surroundings: Surroundings,
): MaybePromise<void> {
  const run = new EventRun(lock, call, surroundings);
  const running = holdLocks([lock], () => run.open(), run.habit);
  return running instanceof Promise ? Promise.race([running, lock.whenLost]) : running;
}

/** Whom an event acts for, and what runs around it. */
interface Surroundings extends Pick<EngineOptions, 'middleware'> {
  readonly origin: Origin;
}

class EventRun {
  readonly #lock: TokenLock;
  readonly #call: EventCall;
  readonly #origin: Origin;
  readonly #middleware: EngineOptions['middleware'];
  /** Of what it calls; what middleware does is not known. */
  readonly habit: Habit;

  constructor(lock: TokenLock, call: EventCall, { origin, middleware }: Surroundings) {
    this.#lock = lock;
    this.#call = call;
    this.#origin = origin;
    this.#middleware = middleware;
    const { handler } = call.event;
    this.habit = handler && middleware.length === 0 ? habitOfHandler(handler) : unknownHabit;
  }

  open(): MaybePromise<void> {
    const opened = this.#lock.drafts.open(this.#call.event.state);
    return opened instanceof Promise ? opened.then(() => this.#run()) : this.#run();
  }

  #run(): MaybePromise<void> {
    const { state } = this.#call.event;
    const { room } = this.#lock;
    if (this.#call.event !== state.lifecycle.onLoad) return this.#runInside();
    // Another subscription, or another node, may have been first.
    if (room.requireState(room.snapshot, state).loaded) return;
    const loading = this.#runInside();
    // With the last commit: what failed after a flush has not loaded.
    const onLoaded = () => this.#lock.drafts.markLoaded(state);
    return loading instanceof Promise ? loading.then(onLoaded) : onLoaded();
  }

  #runInside(): MaybePromise<void> {
    const middleware = this.#middleware;
    if (middleware.length === 0) return this.#runHandler();
    return runMiddleware(
      middleware,
      () => this.#invocation(),
      () => this.#runHandler(),
    );
  }

  #runHandler(): MaybePromise<void> {
    const { event, args } = this.#call;
    const { handler } = event;
    if (!handler) return;
    const draft = createStateDraft(this.#lock, event.state);
    const context = this.#origin.eventContext;
    const result = handler(draft as never, detached(args) as never, context as never);
    return runHandler(noteResult(result, this.habit), this.#lock);
  }

  #invocation(): object {
    const { event, args } = this.#call;
    const lock = this.#lock;
    return {
      kind: 'event',
      ...{ state: event.state.name, event: event.name, args, token: lock.room.key },
      context: this.#origin.eventContext,
      getState: async (reference: StateReference) => openState(lock, reference.definition),
    };
  }
}
