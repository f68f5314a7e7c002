import { getOperationAST, type OperationDefinitionNode, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { graphiqlTabs } from '../../examples/graphiql-tabs.ts';
import { startExamples } from './start-examples.ts';

/** Each operation of each tab, as GraphiQL sends it when it is chosen. */
const choices = graphiqlTabs().flatMap(({ query, variables }) =>
  parse(query).definitions.map((definition) => {
    const { name, operation } = definition as OperationDefinitionNode;
    return [`${name?.value}`, { operation, query: print(definition), variables }] as const;
  }),
);

describe('the tabs of GraphiQL', () => {
  it('have a query, a mutation and a subscription of each example', () => {
    const types = graphiqlTabs().map(({ query }) =>
      parse(query).definitions.map((each) => (each as OperationDefinitionNode).operation),
    );
    expect(types).toEqual(Array(5).fill(['query', 'mutation', 'subscription']));
  });

  it.each(choices)('can send %s as it is', async (name, { operation, query, variables }) => {
    expect(getOperationAST(parse(query))?.name?.value).toBe(name);
    await using examples = startExamples();
    const client = examples.client();
    const values = JSON.parse(variables);
    const data =
      operation === 'subscription'
        ? (await client.subscribe(query, values).next()).value
        : await client.run(query, values);
    expect(Object.values(data as object)).toEqual([expect.any(Object)]);
  });
});
