import { InputFieldBuilder, type InputFieldMap, type SchemaTypes } from '@pothos/core';
import { resolveBackgroundEvent, resolveEvent } from '../resolvers/event.ts';
import {
  type EventDefinition,
  type EventHandlerFunction,
  type LifecycleName,
  noPolicy,
  type OnExitFunction,
  type StateDefinition,
} from '../src/state/definitions.ts';
import { eventLabel } from '../src/state/event-label.ts';
import { createEventReference } from '../src/state/event-reference.ts';
import { camelCase, pascalCase } from './names.ts';
import { registryOf } from './registry.ts';
import type { ResultTypes } from './result-types.ts';
import { describePolicy, type PolicyOptions, policyOf, policyProblems } from './task-policy.ts';

/** What an event needs of the state it is defined on. */
export interface EventHost {
  readonly builder: PothosSchemaTypes.SchemaBuilder<SchemaTypes>;
  /** Null for a state that is not in the schema, because something is wrong with it. */
  readonly types: ResultTypes | null;
}

interface UntypedOptions extends PolicyOptions {
  readonly args?: (t: InputFieldBuilder<SchemaTypes, 'Arg'>) => InputFieldMap;
  readonly fieldName?: string;
  readonly internal?: boolean;
  readonly onExit?: OnExitFunction;
  readonly detached?: boolean;
  readonly description?: string;
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
  const { problems } = registryOf(host.builder);
  const { args, fieldName, internal, onExit, detached, ...others } = options as UntypedOptions;
  const { durable, concurrency, timeoutMs, cancelOn, graceMs, ...more } = others;
  const { description, ...fieldOptions } = more;
  const policyOptions = { durable, concurrency, timeoutMs, cancelOn, graceMs } as PolicyOptions;
  const policy = policyOf(policyOptions);
  const event: Unfinished = {
    ...{ state, name, kind, handler: null },
    ...{ onExit: onExit ?? null, detached: detached ?? false, policy },
  };
  for (const problem of policyProblems(event, policyOptions)) {
    problems.push(new TypeError(problem));
  }
  const isNew = !state.events.has(name);
  if (isNew) state.events.set(name, event);
  else {
    problems.push(
      new TypeError(`Expected a new event name, got ${eventLabel(event)} a second time.`),
    );
  }
  return {
    resolve(handler) {
      if (event.handler) {
        throw new TypeError(`Expected one .resolve() of ${eventLabel(event)}, got a second.`);
      }
      event.handler = handler;
      if (isNew && !internal) {
        const field = fieldName ?? mutationName(host, event);
        const sentences = [description, describePolicy(policy)].filter(Boolean).join('\n\n');
        addMutation(host, event, {
          field,
          args,
          fieldOptions: sentences ? { ...fieldOptions, description: sentences } : fieldOptions,
        });
      }
      return createEventReference(event);
    },
  };
}

type Unfinished = { -readonly [K in keyof EventDefinition]: EventDefinition[K] };

/** An event that runs by itself; it has no mutation. */
export function defineLifecycleEvent(
  { builder }: EventHost,
  state: StateDefinition,
  { name, handler }: { readonly name: LifecycleName; readonly handler: EventHandlerFunction },
): void {
  if (state.lifecycle[name]) {
    registryOf(builder).problems.push(
      new TypeError(`Expected one ${name} of ${state.name}, got a second.`),
    );
  }
  state.lifecycle[name] = {
    ...{ state, name, kind: 'event', handler },
    ...{ onExit: null, detached: false, policy: noPolicy },
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
  if (!types) return;
  const { names, problems } = registryOf(builder);
  const inputs = args?.(new InputFieldBuilder(builder, 'Arg')) ?? {};
  const problem =
    'token' in inputs
      ? `Expected no argument "token" of ${field}: every event has one already.`
      : names.takeMutation(field, eventLabel(event));
  if (problem) {
    problems.push(new TypeError(problem));
    return;
  }
  builder.mutationField(field, (t) => {
    const common = {
      nullable: false,
      args: { token: t.arg.id({ required: true }), ...inputs },
    } as const;
    if (event.kind === 'event') {
      const resolve = resolveEvent(event);
      return t.field({
        ...fieldOptions,
        ...common,
        type: types.eventResult,
        resolve: (root, input, context, info) => resolve(root, input as never, context, info),
      });
    }
    const start = resolveBackgroundEvent(event);
    return t.field({
      ...fieldOptions,
      ...common,
      type: types.task,
      resolve: (root, input, context, info) => start(root, input as never, context, info),
    });
  });
}
