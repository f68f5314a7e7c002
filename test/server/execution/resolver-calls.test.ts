import { buildSchema, execute, type GraphQLResolveInfo, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { executesAll, executorOf } from './compare.ts';

interface Call {
  readonly source: unknown;
  readonly args: unknown;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/** A schema whose resolvers, of fields and of types, note what they are called with. */
function recordingSchema(): { readonly schema: GraphQLSchema; readonly calls: Call[] } {
  const calls: Call[] = [];
  const schema = buildSchema(`
    input In { n: Int = 3, list: [Int!] }
    interface Named { name(upper: Boolean = false): String }
    type Row implements Named { name(upper: Boolean = false): String rows(first: Int!, in: In): [Row!] }
    union Any = Row
    type Query { row: Row any: Any named: [Named] }
  `);
  const values: Record<string, unknown> = { name: 'name', rows: [{ at: 1 }, { at: 2 }] };
  for (const name of ['Query', 'Row']) {
    const type = schema.getType(name) as ReturnType<GraphQLSchema['getQueryType']>;
    for (const field of Object.values(type?.getFields() ?? {})) {
      field.resolve = (source, args, context, info) => {
        calls.push({ source, args: structuredClone(args), context, info });
        // What one does to its arguments is no other's business.
        Object.assign(args as object, { first: 'changed' });
        return values[field.name] ?? (field.name === 'named' ? [{ at: 0 }] : { at: 'root' });
      };
    }
  }
  for (const name of ['Named', 'Any']) {
    Object.assign(schema.getType(name) ?? {}, {
      resolveType: (source: unknown, context: unknown, info: GraphQLResolveInfo) => {
        calls.push({ source, args: name, context, info });
        return 'Row';
      },
    });
  }
  Object.assign(schema.getType('Row') ?? {}, {
    isTypeOf: (source: unknown, context: unknown, info: GraphQLResolveInfo) => {
      calls.push({ source, args: 'isTypeOf', context, info });
      return true;
    },
  });
  return { schema, calls };
}

describe('what a resolver sees', () => {
  // On graphql 17 it is graphql-js that calls them.
  it.skipIf(!executesAll)('is what graphql-js shows it', () => {
    const { schema, calls } = recordingSchema();
    const document = parse(`
      query Q($first: Int!, $in: In, $extra: String = "x") {
        row { ...F name(upper: true) rows(first: $first, in: $in) { again: name } }
        any { ... on Row { rows(first: 2, in: { list: [1] }) { name } } }
        named { __typename name ...F }
      }
      fragment F on Named { name2: name ... on Row { rows(first: $first, in: $in) { name(upper: null) } } }
      fragment Unused on Row { name }
    `);
    const args = {
      rootValue: { root: true },
      contextValue: { user: 'Ada' },
      variableValues: { first: 4, in: { list: [5] } },
    };
    execute({ schema, document, operationName: 'Q', ...args });
    const expected = calls.splice(0);
    executorOf(schema, document).execute(args);
    expect(calls.length).toBe(expected.length);
    expect(calls.length).toBeGreaterThan(20);
    for (const [at, call] of calls.entries()) {
      const { info, ...others } = call;
      const { info: expectedInfo, ...expectedOthers } = expected[at] as Call;
      expect(others).toStrictEqual(expectedOthers);
      expect(Object.keys(info)).toEqual(Object.keys(expectedInfo));
      for (const [key, value] of Object.entries(info)) {
        expect({ [key]: value }).toStrictEqual({ [key]: expectedInfo[key as keyof typeof info] });
      }
      for (const key of ['schema', 'operation', 'parentType', 'returnType', 'rootValue'] as const) {
        expect(info[key]).toBe(expectedInfo[key]);
      }
      for (const [place, node] of info.fieldNodes.entries()) {
        expect(node).toBe(expectedInfo.fieldNodes[place]);
      }
      expect(call.context).toBe(args.contextValue);
    }
  });
});
