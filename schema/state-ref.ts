import { type InputFieldMap, ObjectRef, type SchemaTypes } from '@pothos/core';
import type { StateDefinition, StateReference, StateShape } from '../src/state/definitions.ts';
import type { SnapshotFields } from '../src/state/handler-types.ts';
import { defineEvent, type EventHost } from './define-event.ts';
import type {
  BackgroundBuilder,
  BackgroundOptions,
  EventBuilder,
  EventOptions,
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
  background<Args extends InputFieldMap = Record<never, never>>(
    name: string,
    options?: BackgroundOptions<Types, Shape, Args>,
  ): BackgroundBuilder<Shape, Args> {
    return defineEvent(this.#host, this.definition, {
      name,
      kind: 'background',
      options: options ?? {},
    }) as BackgroundBuilder<Shape, Args>;
  }
}
