import type { SchemaTypes } from '@pothos/core';
import type { StateDefinition } from '../src/state/definitions.ts';
import { initialValues } from '../src/state/initial-state.ts';
import { type CommonTypes, defineCommonTypes } from './common-types.ts';

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>;

interface Registry {
  readonly common: CommonTypes;
  readonly definitions: Map<string, StateDefinition>;
}

const registries = new WeakMap<Builder, Registry>();

/** Under which a built schema carries its states. */
export const definitionsExtension = 'statewire.states';

/** What was defined on a builder so far. */
export function registryOf(builder: Builder): Registry {
  let registry = registries.get(builder);
  if (!registry) {
    addRootTypes(builder);
    registry = { common: defineCommonTypes(builder), definitions: new Map() };
    registries.set(builder, registry);
  }
  return registry;
}

/**
 * Checks what a builder that is about to be built has.
 *
 * @throws TypeError if an event has no handler, {@link ValueNotStorableError} for a default.
 */
export function checkRegistry(builder: Builder): void {
  for (const definition of registryOf(builder).definitions.values()) {
    for (const { name, handler } of definition.events.values()) {
      if (handler) continue;
      throw new TypeError(
        `Expected a handler for ${definition.name}.${name}: call .resolve(handler) on what .event() returned.`,
      );
    }
    initialValues(definition);
  }
}

/** The root types, unless the user has or will define them: the last definition counts in Pothos. */
function addRootTypes(builder: Builder): void {
  const kinds = new Set([...builder.configStore.typeConfigs.values()].map(({ kind }) => kind));
  if (!kinds.has('Query')) builder.queryType({});
  if (!kinds.has('Mutation')) builder.mutationType({});
  if (!kinds.has('Subscription')) builder.subscriptionType({});
}
