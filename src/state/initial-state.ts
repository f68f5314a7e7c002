import { ValueNotStorableError } from '../errors/index.ts';
import { settle } from '../values/settle.ts';
import type { StateDefinition } from './definitions.ts';

/**
 * The default of every var and backend var, settled.
 *
 * @throws {@link ValueNotStorableError}
 */
export function initialValues(definition: StateDefinition): Readonly<Record<string, unknown>> {
  const known = shared.get(definition);
  if (known) return known;
  const values = Object.freeze(
    Object.fromEntries(defaultsOf(definition).map(([name, make]) => [name, make()])),
  );
  if (isSameForAll(definition)) shared.set(definition, values);
  return values;
}

/** Of states whose defaults are the same for every token: one object for all that were never written. */
const shared = new WeakMap<StateDefinition, Readonly<Record<string, unknown>>>();

function isSameForAll({ vars, backendNames }: StateDefinition): boolean {
  return backendNames.size === 0 && [...vars.values()].every((field) => field.hasSameInitial);
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
