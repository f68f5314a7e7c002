import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  isObjectType,
} from 'graphql';
import { isThenable } from '../../../time/at-once.ts';
import { inspect } from '../inspect.ts';
import type { FieldCall, Output, Place, SelectionPlan } from '../plan.ts';
import { completeObject } from './object-output.ts';

/** An object whose type is found out for each. */
export class AbstractOutput implements Output {
  readonly isNonNull = false;
  readonly #type: GraphQLAbstractType;
  readonly #select: (type: GraphQLObjectType) => SelectionPlan;
  readonly #selections = new Map<GraphQLObjectType, SelectionPlan>();

  /** `select` is called once for each type that comes. */
  constructor(type: GraphQLAbstractType, select: (type: GraphQLObjectType) => SelectionPlan) {
    this.#type = type;
    this.#select = select;
  }

  complete(call: FieldCall, value: unknown, place: Place): unknown {
    if (value instanceof Error) throw value;
    if (value === null || value === undefined) return null;
    const { execution, info } = call;
    const resolveType = this.#type.resolveType ?? defaultTypeResolver;
    const name: unknown = resolveType(value, execution.contextValue, info, this.#type);
    const complete = (resolved: unknown) => {
      const selection = this.#selectionOf(this.#runtimeType(call, resolved, value));
      return completeObject(selection, call, { value, place });
    };
    return isThenable(name) ? name.then(complete) : complete(name);
  }

  #selectionOf(type: GraphQLObjectType): SelectionPlan {
    let selection = this.#selections.get(type);
    if (!selection) {
      selection = this.#select(type);
      this.#selections.set(type, selection);
    }
    return selection;
  }

  /** @throws GraphQLError with the words of graphql-js */
  #runtimeType(call: FieldCall, name: unknown, value: unknown): GraphQLObjectType {
    const { nodes } = call.field;
    const { schema, parentType, fieldName } = call.info;
    const abstract = this.#type.name;
    const must = `Abstract type "${abstract}" must resolve to an Object type at runtime for field "${parentType.name}.${fieldName}"`;
    if (name === null || name === undefined) {
      throw new GraphQLError(
        `${must}. Either the "${abstract}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
        { nodes },
      );
    }
    if (isObjectType(name)) {
      throw new GraphQLError(
        'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
      );
    }
    if (typeof name !== 'string') {
      throw new GraphQLError(`${must} with value ${inspect(value)}, received "${inspect(name)}".`);
    }
    const was = `Abstract type "${abstract}" was resolved to a`;
    const type = schema.getType(name);
    if (!type) {
      throw new GraphQLError(`${was} type "${name}" that does not exist inside the schema.`, {
        nodes,
      });
    }
    if (!isObjectType(type)) throw new GraphQLError(`${was} non-object type "${name}".`, { nodes });
    if (!schema.isSubType(this.#type, type)) {
      throw new GraphQLError(
        `Runtime Object type "${type.name}" is not a possible type for "${abstract}".`,
        { nodes },
      );
    }
    return type;
  }
}
