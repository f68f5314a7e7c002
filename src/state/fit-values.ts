import { settle } from '../values/settle.ts';
import type { StateDefinition } from './definitions.ts';
import { defaultsOf } from './initial-state.ts';

type Values = Readonly<Record<string, unknown>>;

/** Stored values as a definition wants them. */
export interface FittedValues {
  readonly values: Values;
  /** The vars whose stored value did not fit and nobody migrated: they have their defaults. */
  readonly reset: readonly string[];
  /** What `migrate` threw, or what is wrong with what it returned; null if nothing is. */
  readonly failure: unknown;
}

/**
 * Fits values that an earlier version of the definition has stored: new vars
 * take their defaults, those that are gone are dropped, and what does not fit
 * its type is for `migrate`. Null if the values fit as they are.
 *
 * @throws {@link ValueNotStorableError} if a default is needed that cannot be stored.
 */
export function fitValues(definition: StateDefinition, stored: Values): FittedValues | null {
  const { vars, backendNames, migrate } = definition;
  const names = [...vars.keys(), ...backendNames];
  const fits = (values: Values, name: string) =>
    Object.hasOwn(values, name) && !vars.get(name)?.refusal(values[name]);
  const isCurrent =
    Object.keys(stored).length === names.length && names.every((name) => fits(stored, name));
  if (isCurrent) return null;

  const migrated = migrate ? tryMigrate(definition, stored) : { values: {}, failure: null };
  const sources = [migrated.values, stored];
  const values: Record<string, unknown> = {};
  const reset: string[] = [];
  for (const [name, makeDefault] of defaultsOf(definition)) {
    const source = sources.find((candidate) => fits(candidate, name));
    values[name] = source ? source[name] : makeDefault();
    if (!source && Object.hasOwn(stored, name)) reset.push(name);
  }
  return { values: Object.freeze(values), reset, failure: migrated.failure };
}

function tryMigrate(
  { name, migrate }: StateDefinition,
  stored: Values,
): { readonly values: Values; readonly failure: unknown } {
  try {
    const values = settle(migrate?.(stored as never) ?? {}, [name]) as Values;
    return { values, failure: null };
  } catch (failure) {
    return { values: {}, failure };
  }
}
