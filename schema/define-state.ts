import type { SchemaTypes } from '@pothos/core';
import type { DeltaPayload } from '../resolvers/delta-payload.ts';
import type { DiffPayload } from '../resolvers/diff-payload.ts';
import type { EventPayload } from '../resolvers/event-payload.ts';
import { markPure } from '../resolvers/pure-resolvers.ts';
import { resolveState, subscribeToState } from '../resolvers/state.ts';
import { StatePayload } from '../resolvers/state-payload.ts';
import type { StateDefinition, StateShape } from '../src/state/definitions.ts';
import type { CommonTypes } from './common-types.ts';
import type { FieldConfig } from './field-builder.ts';
import { camelCase, constantCase } from './names.ts';
import type { ResultTypes } from './result-types.ts';
import type { DefinedState } from './state-definition.ts';
import { StateRef } from './state-ref.ts';
import { subscriptionArgs } from './subscription-args.ts';

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>;
type ObjectFields = PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, StatePayload>;
type AnyStateRef = StateRef<SchemaTypes, StateShape>;

/** Adds everything the schema shows of a state; its events come later. */
export function defineState(
  builder: Builder,
  common: CommonTypes,
  state: DefinedState,
): AnyStateRef {
  const { definition, fields, description, typeOptions } = state;
  const { name } = definition;
  // The ref is made first: the types below and the events refer to it.
  const types = {} as { -readonly [K in keyof ResultTypes]: ResultTypes[K] };
  const ref: AnyStateRef = new StateRef(definition, { builder, types });
  builder.objectType(ref, {
    ...typeOptions,
    description,
    interfaces: [common.state],
    fields: (t: ObjectFields) =>
      mapFields(fields, (field, { type, nullable, options }) =>
        t.field({
          ...options,
          type,
          nullable,
          resolve: markPure((parent: StatePayload) => readField(definition, parent, field)),
        } as never),
      ),
  } as never);
  types.task = common.task;
  types.eventResult = builder.objectRef<EventPayload>(`${name}EventResult`).implement({
    description: `What an event of ${name} left behind.`,
    fields: (t) => ({
      version: t.exposeFloat('version', {
        nullable: false,
        description: "The state's version after the event: wait for it in a subscription.",
      }),
      state: t.field({
        type: ref,
        nullable: false,
        resolve: markPure((result: EventPayload) => result.state as never),
      }),
      tasks: t.field({
        type: [common.task],
        nullable: false,
        description: 'The tasks that the event started.',
        resolve: markPure((result: EventPayload) => result.tasks),
      }),
    }),
  });
  const diff = defineDiff(builder, common, { state, ref });
  addRootFields(builder, { ref, diff });
  return ref;
}

/** A state that is not in the schema, because something is wrong with it. */
export function detachedState(builder: Builder, definition: StateDefinition): AnyStateRef {
  return new StateRef(definition, { builder, types: null });
}

function readField(
  definition: DefinedState['definition'],
  payload: StatePayload,
  field: string,
): unknown {
  return definition.computed.has(field)
    ? StatePayload.readComputed(payload, field)
    : StatePayload.readVar(payload, field);
}

function defineDiff(
  builder: Builder,
  common: CommonTypes,
  {
    state: { definition, fields, typeOptions },
    ref,
  }: { readonly state: DefinedState; readonly ref: AnyStateRef },
) {
  const { name } = definition;
  const names = [...fields.keys()];
  const varEnum = builder.enumType(`${name}Var`, {
    description: `The vars of ${name}.`,
    values: Object.fromEntries(names.map((field) => [constantCase(field), { value: field }])),
  });
  const delta = builder.objectRef<DeltaPayload>(`${name}Delta`).implement({
    ...(typeOptions as object),
    description: `The vars of ${name} that changed; the others are null.`,
    extensions: { [deltaExtension]: true },
    fields: (t) =>
      mapFields(fields, (field, { type, options }) =>
        t.field({
          ...options,
          type,
          nullable: true,
          resolve: markPure((parent: DeltaPayload) => readField(definition, parent, field)),
        } as never),
      ),
  });
  return builder.objectRef<DiffPayload>(`${name}Diff`).implement({
    description: `A change of ${name}, as its subscribers get it.`,
    interfaces: [common.stateDiff],
    fields: (t) => ({
      state: t.field({
        type: ref,
        nullable: false,
        description: 'The whole state after the change; normalised caches merge it by themselves.',
        resolve: markPure((payload: DiffPayload) => payload.state as never),
      }),
      cursor: t.exposeString('cursor', {
        nullable: false,
        description: 'Opaque. Pass it as `since` to go on from here, on any node.',
      }),
      changed: t.field({
        type: [varEnum],
        nullable: false,
        description: 'The vars that changed, whatever is selected.',
        resolve: markPure((payload: DiffPayload) => payload.changed),
      }),
      delta: t.field({
        type: delta,
        nullable: false,
        resolve: markPure((payload: DiffPayload) => payload.delta),
      }),
    }),
  });
}

/** Marks types whose fields are only resolved if their var changed, see {@link skipUnchanged}. */
export const deltaExtension = 'statewire.delta';

function addRootFields(
  builder: Builder,
  { ref, diff }: { readonly ref: AnyStateRef; readonly diff: ReturnType<typeof defineDiff> },
): void {
  const { definition } = ref;
  const field = camelCase(definition.name);
  const read = resolveState(definition);
  builder.queryField(field, (t) =>
    t.field({
      type: ref,
      nullable: false,
      args: { token: t.arg.id({ required: true }) },
      resolve: (root, args, context, info) => read(root, args as never, context, info) as never,
    }),
  );
  const subscribe = subscribeToState(definition);
  builder.subscriptionField(field, (t) =>
    t.field({
      type: diff,
      nullable: false,
      args: subscriptionArgs(t),
      subscribe: (root, args, context, info) => subscribe(root, args as never, context, info),
      resolve: markPure((payload) => payload as DiffPayload),
    }),
  );
}

function mapFields(
  fields: ReadonlyMap<string, FieldConfig>,
  make: (name: string, config: FieldConfig) => unknown,
): Record<string, never> {
  return Object.fromEntries(
    [...fields].map(([name, config]) => [name, make(name, config) as never]),
  );
}
