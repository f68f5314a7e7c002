import type { SchemaTypes } from '@pothos/core';
import type { StateDefinition } from '../src/state/definitions.ts';
import { defaultsOf } from '../src/state/initial-state.ts';
import { type CommonTypes, defineCommonTypes } from './common-types.ts';
import { TakenNames } from './taken-names.ts';

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>;

interface Registry {
  readonly common: CommonTypes;
  readonly definitions: Map<string, StateDefinition>;
  readonly names: TakenNames;
  /** Definitions that are not in the schema, because something is wrong with them. */
  readonly broken: StateDefinition[];
  /** What is wrong with definitions: errors made where they stand, thrown when the schema is built. */
  readonly problems: TypeError[];
}

const registries = new WeakMap<Builder, Registry>();

/** Under which a built schema carries its states. */
export const definitionsExtension = 'statewire.states';

/** What was defined on a builder so far. */
export function registryOf(builder: Builder): Registry {
  let registry = registries.get(builder);
  if (!registry) {
    addRootTypes(builder);
    registry = {
      common: defineCommonTypes(builder),
      definitions: new Map(),
      names: new TakenNames(),
      broken: [],
      problems: [],
    };
    registries.set(builder, registry);
  }
  return registry;
}

/**
 * Checks what a builder that is about to be built has.
 *
 * @throws TypeError that names everything that is wrong; the error itself if it is one.
 */
export function checkRegistry(builder: Builder): void {
  const { broken, definitions, problems } = registryOf(builder);
  const states = [...definitions.values()];
  const found = [
    ...problems,
    ...[...states, ...broken].flatMap(unresolvedEvents),
    ...[...states, ...broken].flatMap(badDefaults),
    ...states.flatMap((state) => foreignParents(state, definitions)),
  ];
  const [first] = found;
  if (first && found.length === 1) throw first;
  if (first) {
    const list = found.map(({ message }) => `- ${message}`).join('\n');
    throw new TypeError(`Expected other definitions, got ${found.length} problems:\n${list}`, {
      cause: first,
    });
  }
}

function badDefaults(definition: StateDefinition): Error[] {
  return defaultsOf(definition).flatMap(([, make]) => {
    try {
      make();
      return [];
    } catch (error) {
      return [error as Error];
    }
  });
}

function unresolvedEvents({ name: state, events }: StateDefinition): TypeError[] {
  return [...events.values()]
    .filter(({ handler }) => !handler)
    .map(
      ({ name, kind }) =>
        new TypeError(
          `Expected a handler for ${state}.${name}: call .resolve(handler) on what .${kind}('${name}') returned.`,
        ),
    );
}

function foreignParents(
  { name, parent }: StateDefinition,
  definitions: ReadonlyMap<string, StateDefinition>,
): TypeError[] {
  if (!parent || definitions.get(parent.name) === parent) return [];
  return [
    new TypeError(
      `Expected a state of the same builder as the parent of ${name}, got another ${parent.name}.`,
    ),
  ];
}

/** The root types, unless the user has or will define them: the last definition counts in Pothos. */
function addRootTypes(builder: Builder): void {
  const kinds = new Set([...builder.configStore.typeConfigs.values()].map(({ kind }) => kind));
  if (!kinds.has('Query')) builder.queryType({});
  if (!kinds.has('Mutation')) builder.mutationType({});
  if (!kinds.has('Subscription')) builder.subscriptionType({});
}
