import { type EventCall, eventCallOf, requireEventCall } from '../state/event-reference.ts';
import { isThenable, type MaybePromise } from '../time/at-once.ts';

/** What a handler's yields and its result do. */
export interface HandlerEffects {
  /** A bare `yield`. */
  flush(): Promise<void>;
  /** A reference that was yielded or returned. */
  trigger(call: EventCall): void;
}

/**
 * Drives what a handler returned to its end: a value, a promise, or a
 * generator of either kind.
 *
 * @throws what the handler threw, or a TypeError for a result that means nothing.
 */
export function runHandler(result: unknown, effects: HandlerEffects): MaybePromise<void> {
  if (isThenable(result)) return Promise.resolve(result).then((value) => runResult(value, effects));
  return runResult(result, effects);
}

function runResult(value: unknown, effects: HandlerEffects): MaybePromise<void> {
  if (isGenerator(value)) return runGenerator(value, effects);
  return triggerAll(value, effects);
}

type AnyGenerator = Generator<unknown, unknown> | AsyncGenerator<unknown, unknown>;

function isGenerator(value: unknown): value is AnyGenerator {
  const generator = value as Partial<AnyGenerator> | null | undefined;
  return typeof generator?.next === 'function' && typeof generator.return === 'function';
}

async function runGenerator(generator: AnyGenerator, effects: HandlerEffects): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await generator.next();
      if (done) return triggerAll(value, effects);
      if (value === undefined) await effects.flush();
      else triggerAll(value, effects);
    }
  } catch (error) {
    // Lets its finally blocks run if the error came from us; does nothing if it came from it.
    await generator.return(undefined);
    throw error;
  }
}

function triggerAll(value: unknown, effects: HandlerEffects): void {
  // Nothing, and the false of `return s.running && myTask`.
  if (value === undefined || value === null || value === false) return;
  if (Array.isArray(value) && !eventCallOf(value)) {
    for (const item of value) triggerAll(item, effects);
    return;
  }
  effects.trigger(requireEventCall(value));
}
