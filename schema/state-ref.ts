import { type InputFieldMap, ObjectRef, type SchemaTypes } from '@pothos/core';
import type {
  EventHandlerFunction,
  LifecycleName,
  StateDefinition,
  StateReference,
  StateShape,
} from '../src/state/definitions.ts';
import type { SnapshotFields } from '../src/state/handler-types.ts';
import { defineEvent, defineLifecycleEvent, type EventHost } from './define-event.ts';
import type {
  BackgroundBuilder,
  BackgroundOptions,
  DurableOptions,
  EventBuilder,
  EventOptions,
  LifecycleHandler,
} from './state-types.ts';
import type { StateParent } from './var-types.ts';

/**
 * A state: the object type of its name, for use in the fields of other types,
 * and the start of its events.
 */
export class StateRef<Types extends SchemaTypes, Shape extends StateShape>
  extends ObjectRef<Types, StateParent & SnapshotFields<Shape>>
  implements StateReference<Shape>
{
  readonly definition: StateDefinition;
  declare readonly $inferShape?: Shape;
  readonly #host: EventHost;

  constructor(definition: StateDefinition, host: EventHost) {
    super(definition.name);
    this.definition = definition;
    this.#host = host;
  }

  /** An event: a mutation that runs under the token's lock, as one transaction. */
  event<Args extends InputFieldMap = Record<never, never>>(
    name: string,
    options?: EventOptions<Types, Args>,
  ): EventBuilder<Shape, Args, Types['Context']> {
    return defineEvent(this.#host, this.definition, {
      name,
      kind: 'event',
      options: options ?? {},
    }) as EventBuilder<Shape, Args, Types['Context']>;
  }

  /** A background event: a mutation that starts a task and returns it at once. */
  background<
    Args extends InputFieldMap = Record<never, never>,
    const Durable extends boolean | DurableOptions = false,
  >(
    name: string,
    options?: BackgroundOptions<Types, Shape, Args, Durable>,
  ): BackgroundBuilder<Shape, Args, Durable> {
    return defineEvent(this.#host, this.definition, {
      name,
      kind: 'background',
      options: options ?? {},
    }) as BackgroundBuilder<Shape, Args, Durable>;
  }

  /**
   * Runs once in the life of a token, when its first subscription, of whatever
   * state, has its snapshot: what it changes comes as a diff. One that fails
   * runs again with the next subscription.
   */
  onLoad(handler: LifecycleHandler<Shape, Types['Context']>): void {
    this.#lifecycle('onLoad', handler);
  }

  /** Runs when the token gets a subscriber, of whatever state, and had none. */
  onConnect(handler: LifecycleHandler<Shape, Types['Context']>): void {
    this.#lifecycle('onConnect', handler);
  }

  /**
   * Runs when the token has had no subscriber for `graceMs`; one that is back
   * by then was never gone, and `onConnect` does not run for it. No request
   * carries this event: its context is that of `eventContext`.
   */
  onDisconnect(
    handler: LifecycleHandler<Shape, Types['Context']>,
    options: {
      /** In ms. Default: 5,000. */
      readonly graceMs?: number;
    } = {},
  ): void {
    this.#lifecycle('onDisconnect', handler);
    if (options.graceMs !== undefined) this.definition.lifecycle.graceMs = options.graceMs;
  }

  #lifecycle(name: LifecycleName, handler: unknown): void {
    defineLifecycleEvent(this.#host, this.definition, {
      name,
      handler: handler as EventHandlerFunction,
    });
  }
}
