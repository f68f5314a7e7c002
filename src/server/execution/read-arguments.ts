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
import type { FieldPlan } from './plan.ts';

/** Reads the arguments of one field: once for all calls where nobody could tell. */
export function argumentReader(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): FieldPlan['readArguments'] {
  const read: FieldPlan['readArguments'] = (variables) =>
    getArgumentValues(definition, node, variables) as Record<string, unknown>;
  if (definition.args.length === 0) return () => ({});
  if (hasVariables(node) || !definition.args.every(({ type }) => isKnown(getNamedType(type)))) {
    return read;
  }
  const values = valuesOnce(read);
  return values ? () => ({ ...values }) : read;
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
