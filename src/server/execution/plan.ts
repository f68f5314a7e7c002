import type {
  FieldNode,
  GraphQLField,
  GraphQLObjectType,
  GraphQLResolveInfo,
  ResponsePath,
} from 'graphql';
import type { PureObject } from './pure/pure-object.ts';

/** What is selected on objects of one type, in the order of the result. */
export interface SelectionPlan {
  readonly type: GraphQLObjectType;
  readonly fields: readonly FieldPlan[];
  /** A result without fields. */
  readonly createResult: () => Record<string, unknown>;
  /** The same selection, if every field in it is pure: for objects that are known to be of the type. */
  readonly pureFields: PureObject | null;
  /** The same if that needs not be asked: the type has no `isTypeOf`, which may look at the context. */
  readonly pure: PureObject | null;
}

/** A field of a type, as it is selected. */
export interface SelectedField {
  readonly key: string;
  readonly definition: GraphQLField<unknown, unknown>;
  /** At least one. */
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
}

/** One field of a result. */
export interface FieldPlan extends SelectedField {
  readonly isNonNull: boolean;
  /** The arguments of one call; nobody else has the object. */
  readonly readArguments: (variableValues: Variables) => Record<string, unknown>;
  /** Its resolver, if that needs the source alone and nobody else needs `info`: none is made then. */
  readonly read: ((source: object) => unknown) | null;
  readonly output: Output;
}

export type Variables = Readonly<Record<string, unknown>>;

/**
 * How the value of a field, or of an item of a list, becomes part of the result. What it
 * needs of the call are arguments, not an object of them: there would be one for each field.
 */
export interface Output {
  readonly isNonNull: boolean;
  /** Whether a function of the schema may get `info`, to say of what type a value is. */
  readonly needsInfo: boolean;
  /**
   * A part of the result, or a promise of one. `info` is there if it is needed; `before` is
   * what stands at this place in the previous result, if anything does.
   *
   * @throws what is an error of the field, still without its place
   */
  complete(
    value: unknown,
    execution: FieldExecution,
    info: GraphQLResolveInfo | null,
    path: ResponsePath,
    before: unknown,
  ): unknown;
}

/** What completing a value needs of the execution it is part of. */
export interface FieldExecution {
  readonly contextValue: unknown;
  executeFields(
    selection: SelectionPlan,
    source: unknown,
    path: ResponsePath | undefined,
    before: unknown,
  ): unknown;
  /** Null, after noting the error; throws it if what it is about cannot be null. */
  fail(error: unknown, field: SelectedField, path: ResponsePath, isNonNull: boolean): null;
}
