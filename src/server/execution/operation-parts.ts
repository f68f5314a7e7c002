import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  validateSchema,
  visit,
} from 'graphql';

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** What a document and an operation's name say, resolved once. */
export interface OperationParts {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly rootType: GraphQLObjectType;
  /** All fragments of the document, as resolvers see them in `info.fragments`. */
  readonly fragments: Fragments;
  /** The variables that decide, in `@skip` or `@include`, what is selected. */
  readonly conditions: readonly string[];
}

/** Directives that change how fields are executed, in ways that are not known here. */
const unknownDirectives = new Set(['defer', 'stream', 'experimental_disableErrorPropagation']);

/** The parts of an operation; null if there is something in it that graphql-js must execute, or refuse. */
export function readOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): OperationParts | null {
  if (validateSchema(schema).length > 0) return null;
  const operation = findOperation(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!operation || !rootType) return null;
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  const conditions = new Set<string>();
  for (const definition of [operation, ...Object.values(fragments)]) {
    if (!addConditions(definition, conditions)) return null;
  }
  if (hasCycle(fragments)) return null;
  return { schema, operation, rootType, fragments, conditions: [...conditions] };
}

function findOperation(
  { definitions }: DocumentNode,
  name: string | null | undefined,
): OperationDefinitionNode | null {
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const all = operations as readonly OperationDefinitionNode[];
  const named = name == null ? all : all.filter((each) => each.name?.value === name);
  return named.length === 1 ? (named[0] ?? null) : null;
}

/** Adds the variables of its conditions; false if it has something that is not known here. */
function addConditions(
  definition: OperationDefinitionNode | FragmentDefinitionNode,
  conditions: Set<string>,
): boolean {
  let isKnown = true;
  const refuse = () => {
    isKnown = false;
  };
  if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.variableDefinitions?.length) {
    return false;
  }
  visit(definition, {
    // Of graphql 17, for fragments that have variables.
    FragmentSpread: (node) => {
      if ('arguments' in node && Array.isArray(node.arguments) && node.arguments.length > 0)
        refuse();
    },
    Directive: (node) => {
      if (unknownDirectives.has(node.name.value)) refuse();
      if (!isConditional(node)) return;
      const value = conditionOf(node);
      if (value === null) refuse();
      else if (typeof value === 'object') conditions.add(value.variable);
    },
  });
  return isKnown;
}

function isConditional({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}

/** What `if` is: a constant, or a variable; null if it is neither. */
export function conditionOf(
  directive: DirectiveNode,
): boolean | { readonly variable: string } | null {
  const value = directive.arguments?.find(({ name }) => name.value === 'if')?.value;
  if (value?.kind === Kind.BOOLEAN) return value.value;
  return value?.kind === Kind.VARIABLE ? { variable: value.name.value } : null;
}

/** Validation refuses them; who executes without it would find no end. */
function hasCycle(fragments: Fragments): boolean {
  const done = new Set<string>();
  const entered = new Set<string>();
  const enter = (name: string): boolean => {
    const fragment = fragments[name];
    if (entered.has(name)) return true;
    if (!fragment || done.has(name)) return false;
    entered.add(name);
    let found = false;
    visit(fragment, {
      FragmentSpread: (spread) => {
        if (!found) found = enter(spread.name.value);
      },
    });
    entered.delete(name);
    done.add(name);
    return found;
  };
  return Object.keys(fragments).some(enter);
}
