import {
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  getNamedType,
  isEnumType,
  isSpecifiedScalarType,
  Kind,
  visit,
} from 'graphql';
import type { FieldPlan, Variables } from './plan.ts';

/** Reads the arguments of one field: once for all calls where nobody could tell. */
export function argumentReader(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): FieldPlan['readArguments'] {
  const read: FieldPlan['readArguments'] = (variables) =>
    getArgumentValues(definition, node, variables) as Record<string, unknown>;
  if (definition.args.length === 0) return () => ({});
  const variables = variablesOnly(definition, node);
  if (variables) return (values) => fromVariables(variables, values) ?? read(values);
  if (hasVariables(node) || !definition.args.every(({ type }) => isKnown(getNamedType(type)))) {
    return read;
  }
  const values = valuesOnce(read);
  return values ? () => ({ ...values }) : read;
}

interface VariableArgument {
  readonly argument: string;
  readonly variable: string;
}

/** The variable of each argument, if they are nothing else and nothing has a default. */
function variablesOnly(
  { args }: GraphQLField<unknown, unknown>,
  { arguments: given = [] }: FieldNode,
): VariableArgument[] | null {
  if (given.length === 0) return null;
  const variables: VariableArgument[] = [];
  for (const { name, defaultValue } of args) {
    const value = given.find((each) => each.name.value === name)?.value;
    if (value?.kind === Kind.VARIABLE)
      variables.push({ argument: name, variable: value.name.value });
    else if (value || defaultValue !== undefined) return null;
  }
  return variables;
}

/** Null if one of them is missing or null, which means more than one thing. */
function fromVariables(
  variables: readonly VariableArgument[],
  values: Variables,
): Record<string, unknown> | null {
  const read: Record<string, unknown> = {};
  for (let at = 0; at < variables.length; at += 1) {
    const { argument, variable } = variables[at] as VariableArgument;
    const value = values[variable];
    if (value === undefined || value === null) return null;
    read[argument] = value;
  }
  return read;
}

/** Others are a user's, and may give another value each time. */
function isKnown(type: ReturnType<typeof getNamedType>): boolean {
  return type !== undefined && (isSpecifiedScalarType(type) || isEnumType(type));
}

function hasVariables(node: FieldNode): boolean {
  let found = false;
  for (const argument of node.arguments ?? []) {
    visit(argument, {
      [Kind.VARIABLE]: () => {
        found = true;
      },
    });
  }
  return found;
}

/** Null if they are wrong, which is an error of each call; or if a resolver could change them. */
function valuesOnce(read: FieldPlan['readArguments']): Record<string, unknown> | null {
  try {
    const values = read({});
    const isShared = Object.values(values).some((value) => typeof value === 'object' && value);
    return isShared ? null : values;
  } catch {
    return null;
  }
}
