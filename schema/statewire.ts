import SchemaBuilder, { type SchemaTypes } from '@pothos/core';
import { defineState } from './define-state.ts';
import { StatewirePlugin } from './plugin.ts';
import './plugin-types.ts';
import { registryOf } from './registry.ts';
import { buildDefinition } from './state-definition.ts';

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

const ownTypeNames = new Set(['State', 'StateDiff', 'Task', 'TaskError', 'TaskStatus']);

function state(
  this: PothosSchemaTypes.SchemaBuilder<SchemaTypes>,
  name: string,
  options: { readonly description?: string },
): unknown {
  const { common, definitions } = registryOf(this);
  if (definitions.has(name)) {
    throw new TypeError(`Expected a new state name, got ${name} a second time.`);
  }
  if (ownTypeNames.has(name)) {
    throw new TypeError(`Expected another state name than ${name}, which is a type of statewire.`);
  }
  const defined = buildDefinition(name, options as never);
  definitions.set(name, defined.definition);
  return defineState(this, common, { state: defined, description: options.description });
}
