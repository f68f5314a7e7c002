import {
  type FieldNode,
  type GraphQLField,
  getNamedType,
  isEnumType,
  isNonNullType,
  isSpecifiedScalarType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';

/**
 * Whether reading the arguments of a field, in an operation that was validated, can neither
 * fail nor run code of a user's: nobody sees whether they are read.
 */
export function areArgumentsSafe(
  { args }: GraphQLField<unknown, unknown>,
  [node]: readonly FieldNode[],
  operation: OperationDefinitionNode,
): boolean {
  return args.every(({ name, type }) => {
    const value = node?.arguments?.find((argument) => argument.name.value === name)?.value;
    if (!value) return true;
    const named = getNamedType(type);
    if (!isSpecifiedScalarType(named) && !isEnumType(named)) return false;
    if (value.kind !== Kind.VARIABLE) return isSimple(value);
    return !isNonNullType(type) || isNonNullVariable(operation, value.name.value);
  });
}

function isSimple({ kind }: ValueNode): boolean {
  return kind !== Kind.LIST && kind !== Kind.OBJECT;
}

function isNonNullVariable({ variableDefinitions }: OperationDefinitionNode, name: string) {
  const definition = variableDefinitions?.find(({ variable }) => variable.name.value === name);
  return definition?.type.kind === Kind.NON_NULL_TYPE;
}
