import type { ComputedDefinition, StateDefinition } from '../src/state/definitions.ts';
import { reservedNames } from '../src/state/reserved-names.ts';
import { detached } from '../src/values/detached.ts';
import { createFieldBuilder, type FieldConfig } from './field-builder.ts';
import { constantCase } from './names.ts';

/** A state's definition, split into what the engine runs and what the schema shows. */
export interface DefinedState {
  readonly definition: StateDefinition;
  readonly fields: ReadonlyMap<string, FieldConfig>;
}

interface UntypedOptions {
  readonly vars: (t: object) => Record<string, FieldConfig>;
  readonly backend?: () => Record<string, unknown>;
  readonly computed?: (t: object) => Record<string, FieldConfig>;
}

/** @throws TypeError if the definition makes no sense, with what to do. */
export function buildDefinition(name: string, options: UntypedOptions): DefinedState {
  const builder = createFieldBuilder();
  const vars = Object.entries(options.vars(builder));
  const computed = Object.entries(options.computed?.(builder) ?? {});
  const backend = options.backend ?? (() => ({}));
  const backendNames = new Set(Object.keys(backend()));
  assertNames(name, [...vars.map(([key]) => key), ...computed.map(([key]) => key)], backendNames);
  const definition: StateDefinition = {
    name,
    vars: new Map(vars.map(([key, field]) => [key, { name: key, initial: initialOf(field) }])),
    backend,
    backendNames,
    computed: new Map(
      computed.map(([key, { resolve }]) => [key, computedDefinition(name, key, resolve)]),
    ),
    events: new Map(),
  };
  return { definition, fields: new Map([...vars, ...computed]) };
}

function initialOf({ default: initial }: FieldConfig): () => unknown {
  if (typeof initial === 'function') return initial as () => unknown;
  return () => detached(initial ?? null);
}

function computedDefinition(
  state: string,
  name: string,
  resolve: FieldConfig['resolve'],
): ComputedDefinition {
  if (!resolve) {
    throw new TypeError(`Expected a resolve function for the computed var ${state}.${name}.`);
  }
  return { name, resolve };
}

function assertNames(
  state: string,
  visible: readonly string[],
  backend: ReadonlySet<string>,
): void {
  if (visible.length === 0) {
    throw new TypeError(
      `Expected at least one var in ${state}: GraphQL knows no type without a field.`,
    );
  }
  const enumNames = new Map<string, string>();
  const seen = new Set<string>();
  for (const name of [...visible, ...backend]) {
    if ((reservedNames as readonly string[]).includes(name)) {
      throw new TypeError(
        `Expected another name for ${state}.${name}: every state has a member of that name.`,
      );
    }
    if (seen.has(name)) throw new TypeError(`Expected one ${state}.${name}, got two.`);
    seen.add(name);
  }
  for (const name of visible) {
    const enumName = constantCase(name);
    const other = enumNames.get(enumName);
    if (other) {
      throw new TypeError(
        `Expected other names for ${state}.${other} and ${state}.${name}: both are ${enumName} in ${state}Var.`,
      );
    }
    enumNames.set(enumName, name);
  }
}
