import { settle } from '../values/settle.ts';
import { type ComputedOptions, evaluateComputed } from './computed.ts';
import type { StateDefinition } from './definitions.ts';
import type { StateSnapshot } from './snapshot.ts';

/** The default of every var and backend var, settled. */
export function initialValues(definition: StateDefinition): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, initial } of definition.vars.values()) {
    values[name] = settle(initial() ?? null, [definition.name, name]);
  }
  for (const [name, value] of Object.entries(definition.backend())) {
    values[name] = settle(value ?? null, [definition.name, name]);
  }
  return values;
}

/** A state that nothing has changed yet. */
export async function initialState(
  definition: StateDefinition,
  options: ComputedOptions,
): Promise<StateSnapshot> {
  const values = Object.freeze(initialValues(definition));
  const computed = await evaluateComputed(definition, values, null, options);
  return Object.freeze({ version: 0, values, computed });
}
