import { readFileSync } from 'node:fs';
import {
  concatAST,
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type {
  AddTodoMutationVariables,
  DepositMutationVariables,
  FetchDataMutationVariables,
  RunImportMutationVariables,
  ToggleRunningMutationVariables,
} from './sdk/generated.ts';

/** A tab of GraphiQL, as `defaultTabs` has it. */
export interface GraphiQLTab {
  readonly query: string;
  /** JSON. */
  readonly variables: string;
}

/** Whose state the tabs show: in development a client may make its own token. */
const token = 'graphiql';

/** The examples, with the variables of their tabs. */
const variables = {
  'background-task': { token } satisfies ToggleRunningMutationVariables,
  'long-task': { token, rows: 500 } satisfies RunImportMutationVariables,
  todos: { token, title: 'Buy milk', due: '2026-12-24' } satisfies AddTodoMutationVariables,
  account: { token, amount: 10 } satisfies DepositMutationVariables,
  'low-level-api': { token } satisfies FetchDataMutationVariables,
};

/**
 * A tab for each example, with the first query, mutation and subscription of its
 * `operations.graphql`, and with variables: each can be sent as it is.
 */
export function graphiqlTabs(): [GraphiQLTab, ...GraphiQLTab[]] {
  const shared = readOperations('sdk');
  const tabs = Object.entries(variables).map(([example, values]) => {
    const { definitions } = withoutFragments(concatAST([readOperations(example), shared]));
    return {
      query: print({ kind: Kind.DOCUMENT, definitions: firstOfEachType(definitions) }),
      variables: JSON.stringify(values, null, 2),
    };
  });
  return tabs as [GraphiQLTab, ...GraphiQLTab[]];
}

function readOperations(folder: string): DocumentNode {
  return parse(readFileSync(new URL(`${folder}/operations.graphql`, import.meta.url), 'utf8'));
}

function firstOfEachType(definitions: readonly DefinitionNode[]): OperationDefinitionNode[] {
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  return Object.values(OperationTypeNode).flatMap(
    (type) => operations.find(({ operation }) => operation === type) ?? [],
  );
}

/**
 * With what they select in their place: GraphiQL sends the operation that was chosen
 * with all fragments of its tab, and the server refuses those that it does not need.
 */
function withoutFragments(document: DocumentNode): DocumentNode {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of document.definitions) {
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  }
  const selectionsOf = ({ selections }: SelectionSetNode): SelectionNode[] =>
    selections.flatMap((each) => {
      const fragment = each.kind === Kind.FRAGMENT_SPREAD && fragments.get(each.name.value);
      return fragment ? selectionsOf(fragment.selectionSet) : each;
    });
  return visit(document, {
    FragmentDefinition: () => null,
    SelectionSet: (set) => ({ ...set, selections: selectionsOf(set) }),
  });
}
