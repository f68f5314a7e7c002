import type {
  ComputedDefinition,
  StateDefinition,
  StateReference,
  VarDefinition,
} from '../src/state/definitions.ts';
import { reservedNames } from '../src/state/reserved-names.ts';
import { detached } from '../src/values/detached.ts';
import { isForbiddenKey } from '../src/values/plain.ts';
import { createFieldBuilder, type FieldConfig } from './field-builder.ts';
import { constantCase, isGraphQLName } from './names.ts';
import { defaultGraceMs } from './task-policy.ts';
import { valueRefusal } from './value-refusal.ts';

/** A state's definition, split into what the engine runs and what the schema shows. */
export interface DefinedState {
  readonly definition: StateDefinition;
  readonly fields: ReadonlyMap<string, FieldConfig>;
  readonly description: string | undefined;
  /** What Pothos and its plugins get for its types. */
  readonly typeOptions: Readonly<Record<string, unknown>>;
  /** What is wrong with it, and what to do. */
  readonly problems: readonly string[];
}

/** The options of a state, without their types. */
export interface StateOptions {
  readonly description?: string;
  readonly vars: (t: object) => Record<string, FieldConfig>;
  readonly backend?: () => Record<string, unknown>;
  readonly computed?: (t: object) => Record<string, FieldConfig>;
  readonly migrate?: (stored: never) => unknown;
  readonly parent?: StateReference;
  readonly [option: string]: unknown;
}

export function buildDefinition(name: string, options: StateOptions): DefinedState {
  const builder = createFieldBuilder();
  const { description, parent, migrate = null, backend = () => ({}), ...others } = options;
  const { vars: defineVars, computed: defineComputed, ...typeOptions } = others;
  const vars = Object.entries(defineVars(builder));
  const computed = Object.entries(defineComputed?.(builder) ?? {});
  const backendNames = new Set(Object.keys(backend()));
  const visible = [...vars, ...computed].map(([key]) => key);
  const definition: StateDefinition = {
    name,
    vars: new Map(vars.map(([key, field]) => [key, varDefinition(key, field)])),
    backend,
    backendNames,
    computed: new Map(
      computed.map(([key, field]) => [key, computedDefinition(name, key, { field, computed })]),
    ),
    migrate,
    parent: parent?.definition ?? null,
    events: new Map(),
    lifecycle: { onLoad: null, onConnect: null, onDisconnect: null, graceMs: defaultGraceMs },
  };
  return {
    definition,
    fields: new Map([...vars, ...computed]),
    description,
    typeOptions,
    problems: [
      ...varNameProblems(name, visible, backendNames),
      ...computed
        .filter(([, { resolve }]) => !resolve)
        .map(([key]) => `Expected a resolve function for the computed var ${name}.${key}.`),
    ],
  };
}

function varDefinition(name: string, field: FieldConfig): VarDefinition {
  const { default: initial, key } = field;
  return {
    name,
    initial:
      typeof initial === 'function' ? (initial as () => unknown) : () => detached(initial ?? null),
    hasSameInitial: typeof initial !== 'function',
    key,
    refusal: valueRefusal(field),
  };
}

function computedDefinition(
  state: string,
  name: string,
  {
    field,
    computed,
  }: { readonly field: FieldConfig; readonly computed: readonly [string, FieldConfig][] },
): ComputedDefinition {
  const { resolve, key, cached } = field;
  const nameOf = (reference: unknown) => {
    const [found] = computed.find(([, other]) => other === reference) ?? [];
    if (found === undefined) {
      throw new TypeError(`Expected read(…) of a computed var of ${state}, got something else.`);
    }
    return found;
  };
  return {
    name,
    key,
    cached,
    refusal: valueRefusal(field),
    resolve: (source: Readonly<Record<string, unknown>>) =>
      resolve?.(source as never, ((reference: unknown) => source[nameOf(reference)]) as never),
  };
}

function varNameProblems(
  state: string,
  visible: readonly string[],
  backend: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  if (visible.length === 0) {
    problems.push(
      `Expected at least one var in ${state} that clients see: GraphQL knows no type without a field.`,
    );
  }
  const seen = new Set<string>();
  for (const name of [...visible, ...backend]) {
    if ((reservedNames as readonly string[]).includes(name)) {
      problems.push(
        `Expected another name for ${state}.${name}: every state has a member of that name.`,
      );
    }
    if (isForbiddenKey(name)) {
      problems.push(`Expected another name for ${state}.${name}: no state may hold such a key.`);
    }
    if (seen.has(name)) problems.push(`Expected one ${state}.${name}, got two: rename one.`);
    seen.add(name);
  }
  const enumNames = new Map<string, string>();
  for (const name of new Set(visible)) {
    if (!isGraphQLName(name)) {
      problems.push(
        `Expected another name for ${state}.${JSON.stringify(name)}: it is a field of the schema.`,
      );
    }
    const enumName = constantCase(name);
    const other = enumNames.get(enumName);
    if (other) {
      problems.push(
        `Expected other names for ${state}.${other} and ${state}.${name}: both are ${enumName} in the enum ${state}Var.`,
      );
    }
    enumNames.set(enumName, name);
  }
  return problems;
}
