import { BackgroundEventCallError, EventCallError } from '../errors/index.ts';
import { detached } from '../values/detached.ts';
import type { EventDefinition } from './definitions.ts';
import { eventLabel } from './event-label.ts';

const boundEvent: unique symbol = Symbol('statewire.boundEvent');

/** An event with its arguments, ready to be returned, yielded, triggered or dispatched. */
export interface BoundEvent {
  readonly [boundEvent]: EventCall;
}

export interface EventCall {
  readonly event: EventDefinition;
  readonly args: Readonly<Record<string, unknown>>;
}

/** An event as other handlers refer to it. */
export interface EventReference<Args extends object> {
  /** The event with these arguments; they are copied. */
  with(args: Args): BoundEvent;
}

/**
 * A reference that throws when somebody calls it like a function: in a typed
 * program it has no call signature, in an untyped one it must still not run
 * the handler beside the lock.
 */
export function createEventReference(
  event: EventDefinition,
): EventReference<Record<string, unknown>> & BoundEvent {
  const name = eventLabel(event);
  const reference = () => {
    throw event.kind === 'background'
      ? new BackgroundEventCallError(name)
      : new EventCallError(name);
  };
  return Object.freeze(
    Object.assign(reference, {
      [boundEvent]: Object.freeze({ event, args: Object.freeze({}) }),
      with: (args: Record<string, unknown>): BoundEvent =>
        Object.freeze({ [boundEvent]: Object.freeze({ event, args: detached(args) }) }),
    }),
  );
}

/** The event and arguments behind a value, if it is a bound event. */
export function eventCallOf(value: unknown): EventCall | undefined {
  return (value as Partial<BoundEvent> | null | undefined)?.[boundEvent];
}

/** @throws TypeError unless the value is a bound event. */
export function requireEventCall(value: unknown): EventCall {
  const call = eventCallOf(value);
  if (!call) {
    throw new TypeError(`Expected an event reference, got ${describe(value)}.`);
  }
  return call;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`;
}
