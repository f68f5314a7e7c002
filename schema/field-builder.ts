import type { SchemaTypes, TypeParam } from '@pothos/core';

/** One field of a state as its definition gave it, before it is split into schema and engine. */
export interface FieldConfig {
  readonly type: TypeParam<SchemaTypes>;
  readonly nullable: boolean;
  /** What Pothos and its plugins get. */
  readonly options: Readonly<Record<string, unknown>>;
  /** A var's default: a value or a function that makes one. */
  readonly default: unknown;
  /** A computed var's function. */
  readonly resolve: ((state: never, read: never) => unknown) | undefined;
  /** The property by which the rows of a list are told apart. */
  readonly key: string | null;
  /** Whether a computed var keeps its result. */
  readonly cached: boolean;
}

type Options = Readonly<Record<string, unknown>> & { readonly type?: TypeParam<SchemaTypes> };

function fieldConfig(
  type: TypeParam<SchemaTypes>,
  { type: _type, nullable, default: initial, resolve, key, cache, ...options }: Options,
): FieldConfig {
  return {
    type,
    nullable: nullable === true,
    options,
    default: initial,
    resolve: resolve as FieldConfig['resolve'],
    key: typeof key === 'string' ? key : null,
    cached: cache !== false,
  };
}

/** The `t` of `vars` and of `computed`: each method only notes what it was given. */
export function createFieldBuilder(): object {
  const of = (type: TypeParam<SchemaTypes>) => (options: Options) => fieldConfig(type, options);
  return {
    string: of('String'),
    int: of('Int'),
    float: of('Float'),
    boolean: of('Boolean'),
    id: of('ID'),
    stringList: of(['String']),
    intList: of(['Int']),
    floatList: of(['Float']),
    booleanList: of(['Boolean']),
    idList: of(['ID']),
    field: (options: Options & { readonly type: TypeParam<SchemaTypes> }) =>
      fieldConfig(options.type, options),
  };
}
