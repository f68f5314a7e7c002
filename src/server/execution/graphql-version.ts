import {
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  versionInfo,
} from 'graphql';

/** Whether this is graphql 16, whose way of executing fields is known here step by step. */
export const isGraphQL16 = versionInfo.major === 16;

export type CoercedVariables = Readonly<Record<string, unknown>>;

/** How many errors of variables graphql tells, if nobody says otherwise. */
const maxErrors = 50;

/** The variables as resolvers see them, or what is wrong with them. */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  inputs: CoercedVariables,
): { readonly values: CoercedVariables } | { readonly errors: readonly GraphQLError[] } {
  const result = getVariableValues(schema, operation.variableDefinitions ?? [], inputs, {
    maxErrors,
  }) as {
    readonly errors?: readonly GraphQLError[];
    readonly coerced?: CoercedVariables;
    /** Of graphql 17. */
    readonly variableValues?: { readonly coerced: CoercedVariables };
  };
  if (result.errors) return { errors: result.errors };
  return { values: result.coerced ?? result.variableValues?.coerced ?? {} };
}
