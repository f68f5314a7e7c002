import { ValueNotStorableError } from '../errors/index.ts';
import { settle } from '../values/settle.ts';
import type { StateDefinition } from './definitions.ts';

/**
 * The default of every var and backend var, settled.
 *
 * @throws {@link ValueNotStorableError}
 */
export function initialValues(definition: StateDefinition): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const { name, initial, refusal } of definition.vars.values()) {
    const value = settle(initial() ?? null, [definition.name, name]);
    const reason = refusal(value);
    if (reason) throw new ValueNotStorableError(`${definition.name}.${name}`, reason);
    values[name] = value;
  }
  for (const [name, value] of Object.entries(definition.backend())) {
    values[name] = settle(value ?? null, [definition.name, name]);
  }
  return Object.freeze(values);
}
