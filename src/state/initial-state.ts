import { ValueNotStorableError } from '../errors/index.ts';
import { settle } from '../values/settle.ts';
import type { StateDefinition } from './definitions.ts';

/**
 * The default of every var and backend var, settled.
 *
 * @throws {@link ValueNotStorableError}
 */
export function initialValues(definition: StateDefinition): Readonly<Record<string, unknown>> {
  return Object.freeze(
    Object.fromEntries(defaultsOf(definition).map(([name, make]) => [name, make()])),
  );
}

/** What makes the default of each var and backend var, by its name; each may throw for itself. */
export function defaultsOf(definition: StateDefinition): [name: string, make: () => unknown][] {
  const { name: state, vars, backend } = definition;
  const ofVars = [...vars.values()].map(({ name, initial, refusal }): [string, () => unknown] => [
    name,
    () => {
      const value = settle(initial() ?? null, [state, name]);
      const reason = refusal(value);
      if (reason) throw new ValueNotStorableError(`${state}.${name}`, reason);
      return value;
    },
  ]);
  const ofBackend = Object.entries(backend()).map(([name, value]): [string, () => unknown] => [
    name,
    () => settle(value ?? null, [state, name]),
  ]);
  return [...ofVars, ...ofBackend];
}
