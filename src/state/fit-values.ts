import { MigrationError } from '../errors/index.ts';
import { isPlainObject } from '../values/plain.ts';
import { settle } from '../values/settle.ts';
import type { StateDefinition } from './definitions.ts';
import { defaultsOf } from './initial-state.ts';

type Values = Readonly<Record<string, unknown>>;

/** Stored values as a definition wants them. */
export interface FittedValues {
  readonly values: Values;
  /** The vars whose stored value is not of their type: they have their defaults. */
  readonly reset: readonly string[];
}

/** Whether stored values are what a definition wants: a value of its type for each var, and nothing else. */
export function doFit({ vars, backendNames }: StateDefinition, stored: Values): boolean {
  const names = [...vars.keys(), ...backendNames];
  return (
    Object.keys(stored).length === names.length &&
    names.every((name) => Object.hasOwn(stored, name) && !vars.get(name)?.refusal(stored[name]))
  );
}

/**
 * Fits values that an earlier version of the definition has stored: new vars
 * take their defaults, those that are gone are dropped, and what is not of its
 * type is for `migrate`, or reset.
 *
 * @throws {@link MigrationError}; what is stored must then stay as it is.
 * @throws {@link ValueNotStorableError} if a default is needed that cannot be stored.
 */
export function fitValues(definition: StateDefinition, stored: Values): FittedValues {
  const { vars } = definition;
  const migrated = migratedValues(definition, stored);
  const values: Record<string, unknown> = {};
  const reset: string[] = [];
  for (const [name, makeDefault] of defaultsOf(definition)) {
    const isKept = Object.hasOwn(stored, name) && !vars.get(name)?.refusal(stored[name]);
    if (Object.hasOwn(migrated, name)) values[name] = migrated[name];
    else if (isKept) values[name] = stored[name];
    else {
      values[name] = makeDefault();
      if (Object.hasOwn(stored, name)) reset.push(name);
    }
  }
  return { values: Object.freeze(values), reset };
}

function migratedValues(definition: StateDefinition, stored: Values): Values {
  const { name: state, migrate } = definition;
  if (!migrate) return {};
  try {
    const made = migrate(stored as never);
    assertIsFor(definition, made);
    return settle(made, [state]) as Values;
  } catch (cause) {
    throw new MigrationError(state, { cause });
  }
}

/** A slip in `migrate` must not cost the value that it was about. */
function assertIsFor({ name: state, vars, backendNames }: StateDefinition, made: unknown): void {
  if (!isPlainObject(made)) {
    throw new TypeError('Expected an object of values from migrate, got something else.');
  }
  for (const [name, value] of Object.entries(made)) {
    if (!vars.has(name) && !backendNames.has(name)) {
      throw new TypeError(`Expected vars of ${state} from migrate, got ${name}.`);
    }
    if (value === undefined) {
      throw new TypeError(`Expected a value of ${name} from migrate, got undefined.`);
    }
    const refusal = vars.get(name)?.refusal(value);
    if (refusal)
      throw new TypeError(`Expected a value that fits ${name} from migrate: ${refusal}.`);
  }
}
