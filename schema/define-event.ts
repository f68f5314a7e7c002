import { InputFieldBuilder, type InputFieldMap, type SchemaTypes } from '@pothos/core';
import { resolveBackgroundEvent, resolveEvent } from '../resolvers/event.ts';
import type {
  EventDefinition,
  EventHandlerFunction,
  OnExitFunction,
  StateDefinition,
} from '../src/state/definitions.ts';
import { createEventReference } from '../src/state/event-reference.ts';
import { camelCase, pascalCase } from './names.ts';
import type { ResultTypes } from './result-types.ts';

/** What an event needs of the state it is defined on. */
export interface EventHost {
  readonly builder: PothosSchemaTypes.SchemaBuilder<SchemaTypes>;
  readonly types: ResultTypes;
}

interface UntypedOptions {
  readonly args?: (t: InputFieldBuilder<SchemaTypes, 'Arg'>) => InputFieldMap;
  readonly fieldName?: string;
  readonly internal?: boolean;
  readonly onExit?: OnExitFunction;
  readonly [option: string]: unknown;
}

interface EventRequest {
  readonly name: string;
  readonly kind: EventDefinition['kind'];
  readonly options: object;
}

/**
 * Registers an event with its state; `.resolve(handler)` completes it and adds
 * its mutation. A schema with an event that was never completed is refused.
 */
export function defineEvent(
  host: EventHost,
  state: StateDefinition,
  { name, kind, options }: EventRequest,
): { resolve(handler: EventHandlerFunction): unknown } {
  if (state.events.has(name)) {
    throw new TypeError(`Expected a new event name, got ${state.name}.${name} a second time.`);
  }
  const { args, fieldName, internal, onExit, ...fieldOptions } = options as UntypedOptions;
  const event = { state, name, kind, handler: null, onExit: onExit ?? null } as {
    -readonly [K in keyof EventDefinition]: EventDefinition[K];
  };
  state.events.set(name, event);
  return {
    resolve(handler) {
      if (event.handler) {
        throw new TypeError(`Expected one .resolve() of ${state.name}.${name}, got a second.`);
      }
      event.handler = handler;
      if (!internal) {
        const field = fieldName ?? mutationName(host, event);
        addMutation(host, event, { field, args, fieldOptions });
      }
      return createEventReference(event);
    },
  };
}

function mutationName({ builder }: EventHost, { state, name }: EventDefinition): string {
  const custom = builder.options.statewire?.fieldName;
  if (custom) return custom({ state: state.name, event: name });
  return camelCase(state.name) + pascalCase(name);
}

interface MutationRequest {
  readonly field: string;
  readonly args: UntypedOptions['args'];
  readonly fieldOptions: object;
}

function addMutation(
  { builder, types }: EventHost,
  event: EventDefinition,
  { field, args, fieldOptions }: MutationRequest,
): void {
  const inputs = args?.(new InputFieldBuilder(builder, 'Arg')) ?? {};
  if ('token' in inputs) {
    throw new TypeError(`Expected no argument "token" of ${field}: every event has one already.`);
  }
  builder.mutationField(field, (t) => {
    const common = {
      nullable: false,
      args: { token: t.arg.id({ required: true }), ...inputs },
    } as const;
    return event.kind === 'event'
      ? t.field({
          ...fieldOptions,
          ...common,
          type: types.eventResult,
          resolve: (root, input, context, info) =>
            resolveEvent(event)(root, input as never, context, info),
        })
      : t.field({
          ...fieldOptions,
          ...common,
          type: types.task,
          resolve: (root, input, context, info) =>
            resolveBackgroundEvent(event)(root, input as never, context, info),
        });
  });
}
