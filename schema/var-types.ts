import type {
  FieldNullability,
  InputFieldMap,
  MaybePromise,
  OutputType,
  SchemaTypes,
  ShapeFromTypeParam,
  TypeParam,
} from '@pothos/core';
import type { DeepReadonly } from '../src/state/handler-types.ts';
import type { ReservedName } from '../src/state/reserved-names.ts';

declare const valueKey: unique symbol;

/** A var, or a computed var, in a state's definition. */
export interface VarRef<Value> {
  readonly [valueKey]?: Value;
}

type ValueOf<Ref> = Ref extends VarRef<infer Value> ? Value : never;

/** The vars of a state by name. Reserved names do not compile. */
export type VarMap = Readonly<Record<string, VarRef<unknown>>> & {
  readonly [Name in ReservedName]?: `Choose another name: every state has a member "${Name}".`;
};

export type ValuesOf<Map> = { readonly [Name in keyof Map]: ValueOf<Map[Name]> };

/** What resolvers of a state's fields get as their parent, whatever the state. */
export interface StateParent {
  readonly id: string;
  readonly version: number;
}

/** All options that Pothos and its plugins know for an object's field, but those that follow from the var. */
type FieldOptions<
  Types extends SchemaTypes,
  Type extends TypeParam<Types>,
  Nullable extends FieldNullability<Type>,
> = Omit<
  PothosSchemaTypes.ObjectFieldOptions<Types, StateParent, Type, Nullable, InputFieldMap, unknown>,
  'type' | 'args' | 'nullable' | 'resolve'
>;

/** A value of a type as a state holds it: never undefined, and an ID is a string, as clients get it. */
type StoredValue<Types extends SchemaTypes, Type extends TypeParam<Types>> = Type extends 'ID'
  ? string
  : Type extends readonly ['ID']
    ? readonly string[]
    : Exclude<ShapeFromTypeParam<Types, Type, false>, undefined>;

/** With a default the var is never null; one that is `nullable` starts as null unless it has a default. */
type VarOptions<Types extends SchemaTypes, Type extends TypeParam<Types>> = FieldOptions<
  Types,
  Type,
  boolean
> &
  (
    | {
        readonly nullable?: false;
        /** The value in a new state, or a function that makes it. */
        readonly default:
          | NoInfer<StoredValue<Types, Type>>
          | (() => NoInfer<StoredValue<Types, Type>>);
      }
    | {
        readonly nullable: true;
        readonly default?:
          | NoInfer<StoredValue<Types, Type>>
          | null
          | (() => NoInfer<StoredValue<Types, Type>> | null);
      }
  );

/** For a list of objects: the property by which its rows are told apart, so that one that moves costs its move. */
type KeyOption<Value> = Value extends readonly (infer Row extends object)[]
  ? { readonly key?: Extract<keyof Row, string> }
  : { readonly key?: never };

/** Null is a value of the var if it was declared `nullable`. */
type MaybeNull<Value, Options> = Options extends { readonly nullable: true } ? Value | null : Value;

type VarMethod<Types extends SchemaTypes, Type extends TypeParam<Types>> = <
  const Options extends VarOptions<Types, Type>,
>(
  options: Options,
) => VarRef<MaybeNull<StoredValue<Types, Type>, Options>>;

/** The `t` of `vars: (t) => ({ … })`. */
export interface VarBuilder<Types extends SchemaTypes> {
  readonly string: VarMethod<Types, 'String'>;
  readonly int: VarMethod<Types, 'Int'>;
  readonly float: VarMethod<Types, 'Float'>;
  readonly boolean: VarMethod<Types, 'Boolean'>;
  readonly id: VarMethod<Types, 'ID'>;
  readonly stringList: VarMethod<Types, ['String']>;
  readonly intList: VarMethod<Types, ['Int']>;
  readonly floatList: VarMethod<Types, ['Float']>;
  readonly booleanList: VarMethod<Types, ['Boolean']>;
  readonly idList: VarMethod<Types, ['ID']>;
  /** A var of any type of the schema: an enum, a scalar, an object type, or a list of one. */
  field<
    Type extends OutputType<Types> | [OutputType<Types>],
    const Options extends VarOptions<Types, Type>,
  >(
    options: { readonly type: Type } & Options & KeyOption<StoredValue<Types, Type>>,
  ): VarRef<MaybeNull<StoredValue<Types, Type>, Options>>;
}

/** Another computed var of the same state: `read(total)`. */
export type ReadComputed = <Value>(computed: VarRef<Value>) => DeepReadonly<Value>;

/**
 * `resolve` gives the value that follows from the state, which it only reads.
 * It runs under the lock, once for each commit that changed what it read last
 * time, whatever state of the token that is in. With `cache: false` it runs at
 * every commit of the token. A var that is `nullable` may be null.
 */
type ComputedOptions<
  Types extends SchemaTypes,
  Source,
  Type extends TypeParam<Types>,
> = FieldOptions<Types, Type, boolean> & { readonly cache?: false } & (
    | {
        readonly nullable?: false;
        readonly resolve: (
          state: Source,
          read: ReadComputed,
        ) => MaybePromise<DeepReadonly<StoredValue<Types, Type>>>;
      }
    | {
        readonly nullable: true;
        readonly resolve: (
          state: Source,
          read: ReadComputed,
        ) => MaybePromise<DeepReadonly<StoredValue<Types, Type>> | null>;
      }
  );

type ComputedMethod<Types extends SchemaTypes, Source, Type extends TypeParam<Types>> = <
  const Options extends ComputedOptions<Types, Source, Type>,
>(
  options: Options,
) => VarRef<MaybeNull<StoredValue<Types, Type>, Options>>;

/** The `t` of `computed: (t) => ({ … })`. */
export interface ComputedBuilder<Types extends SchemaTypes, Source> {
  readonly string: ComputedMethod<Types, Source, 'String'>;
  readonly int: ComputedMethod<Types, Source, 'Int'>;
  readonly float: ComputedMethod<Types, Source, 'Float'>;
  readonly boolean: ComputedMethod<Types, Source, 'Boolean'>;
  readonly id: ComputedMethod<Types, Source, 'ID'>;
  readonly stringList: ComputedMethod<Types, Source, ['String']>;
  readonly intList: ComputedMethod<Types, Source, ['Int']>;
  readonly floatList: ComputedMethod<Types, Source, ['Float']>;
  readonly booleanList: ComputedMethod<Types, Source, ['Boolean']>;
  readonly idList: ComputedMethod<Types, Source, ['ID']>;
  /** A computed var of any type of the schema. */
  field<
    Type extends OutputType<Types> | [OutputType<Types>],
    const Options extends ComputedOptions<Types, Source, Type>,
  >(
    options: { readonly type: Type } & Options & KeyOption<StoredValue<Types, Type>>,
  ): VarRef<MaybeNull<StoredValue<Types, Type>, Options>>;
}
