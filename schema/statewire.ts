import SchemaBuilder, { type SchemaTypes } from '@pothos/core';
import { defineState, detachedState } from './define-state.ts';
import { StatewirePlugin } from './plugin.ts';
import './plugin-types.ts';
import { registryOf } from './registry.ts';
import { buildDefinition, type StateOptions } from './state-definition.ts';

/**
 * The name of the plugin for `new SchemaBuilder({ plugins: [statewire()] })`.
 * Registers it with Pothos at the first call: importing this package alone
 * does nothing, so a bundler has nothing to drop.
 */
export function statewire(): 'statewire' {
  if (!Object.hasOwn(SchemaBuilder.prototype, 'state')) {
    SchemaBuilder.registerPlugin('statewire', StatewirePlugin);
    Object.defineProperty(SchemaBuilder.prototype, 'state', { value: state });
  }
  return 'statewire';
}

function state(
  this: PothosSchemaTypes.SchemaBuilder<SchemaTypes>,
  name: string,
  options: object,
): unknown {
  const { broken, common, definitions, names, problems } = registryOf(this);
  const defined = buildDefinition(name, options as StateOptions);
  const taken = names.takeState(name, this);
  const found = taken ? [taken, ...defined.problems] : defined.problems;
  for (const problem of found) problems.push(new TypeError(problem));
  // What is wrong is told when the schema is built; until then its events can be defined.
  if (found.length > 0) {
    broken.push(defined.definition);
    return detachedState(this, defined.definition);
  }
  definitions.set(name, defined.definition);
  return defineState(this, common, defined);
}
