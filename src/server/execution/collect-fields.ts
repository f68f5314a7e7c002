import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql';
import { conditionOf, type Fragments } from './operation-parts.ts';

/** The values of the variables in `@skip` and `@include`; null to select all that could be. */
export type ConditionValues = ReadonlyMap<string, boolean> | null;

export interface CollectContext {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly conditions: ConditionValues;
}

/** The nodes of one field of a result: more than one if it was selected several times. */
export type FieldNodes = readonly [FieldNode, ...FieldNode[]];

/** The fields that are selected on an object of a type, by response key, in the order of the result. */
export function collectFields(
  context: CollectContext,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, FieldNodes> {
  const fields = new Map<string, [FieldNode, ...FieldNode[]]>();
  const visited = new Set<string>();
  const add = (node: FieldNode) => {
    const key = (node.alias ?? node.name).value;
    const nodes = fields.get(key);
    if (nodes) nodes.push(node);
    else fields.set(key, [node]);
  };
  const enter = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD && visited.has(selection.name.value)) continue;
      if (!isIncluded(context.conditions, selection)) continue;
      if (selection.kind === Kind.FIELD) {
        add(selection);
        continue;
      }
      const fragment = fragmentOf(selection);
      if (fragment && matches(context.schema, fragment, type)) enter(fragment.selectionSet);
    }
  };
  const fragmentOf = (selection: Exclude<SelectionNode, FieldNode>) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
    visited.add(selection.name.value);
    return context.fragments[selection.name.value];
  };
  for (const selectionSet of selectionSets) enter(selectionSet);
  return fields;
}

function isIncluded(conditions: ConditionValues, { directives }: SelectionNode): boolean {
  const conditionAt = (name: string) => {
    const directive = directives?.find((each) => each.name.value === name);
    const condition = directive ? conditionOf(directive) : null;
    return typeof condition === 'object' && condition
      ? conditions?.get(condition.variable)
      : condition;
  };
  return conditionAt('skip') !== true && conditionAt('include') !== false;
}

function matches(
  schema: GraphQLSchema,
  { typeCondition }: FragmentDefinitionNode | InlineFragmentNode,
  type: GraphQLObjectType,
): boolean {
  if (!typeCondition) return true;
  const wanted = typeFromAST(schema, typeCondition);
  return wanted === type || (isAbstractType(wanted) && schema.isSubType(wanted, type));
}
