import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLScalarType,
  type GraphQLSchema,
  GraphQLString,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
} from 'graphql';
import { type CoercedVariables, coerceVariables } from './graphql-version.ts';

type ReadVariables = (inputs: CoercedVariables) => ReturnType<typeof coerceVariables>;

/** Says of a value that a client has sent that it is as resolvers see it. */
type IsCoerced = (value: unknown) => boolean;

const isString: IsCoerced = (value) => typeof value === 'string';

interface SimpleVariable {
  readonly name: string;
  readonly isCoerced: IsCoerced;
}

/** What graphql's own scalars leave as it is; a user's scalar of the same name is another. */
const unchanged = new Map<GraphQLScalarType, IsCoerced>([
  [GraphQLString, isString],
  [GraphQLID, isString],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLInt, (value) => typeof value === 'number' && value === (value | 0)],
  [GraphQLFloat, (value) => Number.isFinite(value)],
]);

/**
 * Reads an operation's variables as graphql does. Where all of them are there, and of
 * graphql's own scalars, it has nothing to change, and is not asked.
 */
export function variablesReader(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): ReadVariables {
  const read: ReadVariables = (inputs) => coerceVariables(schema, operation, inputs);
  const simple: SimpleVariable[] = [];
  for (const { variable, type } of operation.variableDefinitions ?? []) {
    const isCoerced = checkOf(schema, type);
    if (!isCoerced) return read;
    simple.push({ name: variable.name.value, isCoerced });
  }
  return (inputs) => {
    const values: Record<string, unknown> = {};
    for (let at = 0; at < simple.length; at += 1) {
      const { name, isCoerced } = simple[at] as SimpleVariable;
      if (!Object.hasOwn(inputs, name) || !isCoerced(inputs[name])) return read(inputs);
      values[name] = inputs[name];
    }
    return { values };
  };
}

function checkOf(schema: GraphQLSchema, type: TypeNode): IsCoerced | undefined {
  if (type.kind === Kind.NON_NULL_TYPE) return checkOf(schema, type.type);
  if (type.kind !== Kind.NAMED_TYPE) return undefined;
  return unchanged.get(schema.getType(type.name.value) as GraphQLScalarType);
}
