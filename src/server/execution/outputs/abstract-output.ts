import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
  type ResponsePath,
} from 'graphql';
import { isThenable } from '../../../time/at-once.ts';
import { inspect } from '../inspect.ts';
import type { FieldExecution, Output, SelectedField, SelectionPlan } from '../plan.ts';
import { ObjectOutput } from './object-output.ts';

/** An object whose type is found out for each. */
export class AbstractOutput implements Output {
  readonly isNonNull = false;
  readonly needsInfo = true;
  readonly #type: GraphQLAbstractType;
  readonly #select: (type: GraphQLObjectType) => SelectionPlan;
  readonly #field: SelectedField;
  readonly #objects = new Map<GraphQLObjectType, ObjectOutput>();

  /** `select` is called once for each type that comes. */
  constructor(
    type: GraphQLAbstractType,
    select: (type: GraphQLObjectType) => SelectionPlan,
    field: SelectedField,
  ) {
    this.#type = type;
    this.#select = select;
    this.#field = field;
  }

  complete(
    value: unknown,
    execution: FieldExecution,
    given: GraphQLResolveInfo | null,
    path: ResponsePath,
    before: unknown,
  ): unknown {
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    const info = given as GraphQLResolveInfo;
    const resolveType = this.#type.resolveType ?? defaultTypeResolver;
    const name: unknown = resolveType(value, execution.contextValue, info, this.#type);
    const complete = (resolved: unknown) => {
      const object = this.#objectOf(this.#runtimeType(info, resolved, value));
      return object.complete(value, execution, info, path, before);
    };
    return isThenable(name) ? name.then(complete) : complete(name);
  }

  #objectOf(type: GraphQLObjectType): ObjectOutput {
    let object = this.#objects.get(type);
    if (!object) {
      object = new ObjectOutput(this.#select(type), this.#field);
      this.#objects.set(type, object);
    }
    return object;
  }

  /** @throws GraphQLError with the words of graphql-js */
  #runtimeType({ schema }: GraphQLResolveInfo, name: unknown, value: unknown): GraphQLObjectType {
    const { nodes } = this.#field;
    const abstract = this.#type.name;
    if (name === null || name === undefined) {
      throw new GraphQLError(
        `${this.#expectation()}. Either the "${abstract}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
        { nodes },
      );
    }
    if (isObjectType(name)) {
      throw new GraphQLError(
        'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
      );
    }
    if (typeof name !== 'string') {
      throw new GraphQLError(
        `${this.#expectation()} with value ${inspect(value)}, received "${inspect(name)}".`,
      );
    }
    const type = schema.getType(name);
    if (!type) {
      throw new GraphQLError(
        `Abstract type "${abstract}" was resolved to a type "${name}" that does not exist inside the schema.`,
        { nodes },
      );
    }
    if (!isObjectType(type)) {
      throw new GraphQLError(
        `Abstract type "${abstract}" was resolved to a non-object type "${name}".`,
        { nodes },
      );
    }
    if (!schema.isSubType(this.#type, type)) {
      throw new GraphQLError(
        `Runtime Object type "${type.name}" is not a possible type for "${abstract}".`,
        { nodes },
      );
    }
    return type;
  }

  #expectation(): string {
    const { parentType, definition } = this.#field;
    return `Abstract type "${this.#type.name}" must resolve to an Object type at runtime for field "${parentType.name}.${definition.name}"`;
  }
}
