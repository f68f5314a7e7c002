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
  /** The same selection, if every field in it is pure. */
  readonly pure: PureObject | null;
}

/** One field of a result. */
export interface FieldPlan {
  readonly key: string;
  readonly definition: GraphQLField<unknown, unknown>;
  /** At least one. */
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly isNonNull: boolean;
  /** The arguments of one call; nobody else has the object. */
  readonly readArguments: (variableValues: Variables) => Record<string, unknown>;
  readonly output: Output;
}

export type Variables = Readonly<Record<string, unknown>>;

/** How the value of a field, or of an item of a list, becomes part of the result. */
export interface Output {
  readonly isNonNull: boolean;
  /**
   * A part of the result, or a promise of one.
   *
   * @throws what is an error of the field, still without its place
   */
  complete(call: FieldCall, value: unknown, place: Place): unknown;
}

/** Where something stands in the result. */
export interface Place {
  readonly path: ResponsePath | undefined;
  /** What stands there in the previous result, if anything does. */
  readonly before: unknown;
}

/** One call of a field's resolver. */
export interface FieldCall {
  readonly field: FieldPlan;
  readonly info: GraphQLResolveInfo;
  readonly execution: FieldExecution;
}

/** What completing a value needs of the execution it is part of. */
export interface FieldExecution {
  readonly contextValue: unknown;
  executeFields(selection: SelectionPlan, source: unknown, place: Place): unknown;
  /** Null, after noting the error; throws it if what it is about cannot be null. */
  fail(error: unknown, field: FieldPlan, at: FailedPlace): null;
}

export interface FailedPlace {
  readonly path: ResponsePath;
  readonly isNonNull: boolean;
}
