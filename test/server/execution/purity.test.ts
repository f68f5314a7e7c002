import SchemaBuilder, { BasePlugin, type SchemaTypes } from '@pothos/core';
import {
  defaultFieldResolver,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isObjectType,
  parse,
} from 'graphql';
import { statewire } from 'statewire';
import { describe, expect, it } from 'vitest';
import { compileOperation } from '../../../src/server/execution/compile-operation.ts';
import { executesAll, executorOf } from './compare.ts';
import { ScopeAuthPlugin, scopeAuth, staffOnly } from './scope-auth.ts';

/** A plugin that looks at objects when their type is found out. */
const curious = 'curious';

class CuriousPlugin extends BasePlugin<SchemaTypes> {
  override wrapResolveType(resolveType: GraphQLTypeResolver<unknown, object>) {
    return resolveType;
  }
}

SchemaBuilder.registerPlugin(curious as never, CuriousPlugin as never);

interface Row {
  readonly id: string;
}

const createBuilder = () =>
  new SchemaBuilder<{ Context: { staff?: boolean } }>({
    plugins: [statewire(), ScopeAuthPlugin],
    ...scopeAuth,
  });

type Builder = ReturnType<typeof createBuilder>;
type Part = 'type' | 'var' | 'row type' | 'row field';

/** A state of which one part is guarded, if any. */
function schemaWith(guarded: Part | null = null, more: (builder: Builder) => void = () => {}) {
  const builder = createBuilder();
  const authIf = (part: Part): object => (part === guarded ? staffOnly : {});
  const Row = builder.objectRef<Row>('Row').implement({
    ...authIf('row type'),
    fields: (t) => ({
      id: t.exposeID('id', { ...authIf('row field') }),
      name: t.exposeString('id'),
    }),
  });
  builder.state('List', {
    ...authIf('type'),
    vars: (t) => ({
      rows: t.field({ type: [Row], default: [], ...authIf('var') }),
      n: t.int({ default: 0 }),
    }),
    computed: (t) => ({ count: t.int({ resolve: () => 0 }) }),
  });
  more(builder);
  return builder.toSchema();
}

const compile = (schema: GraphQLSchema, text: string) => executorOf(schema, parse(text));

const isPure = (schema: GraphQLSchema, text = whole) => compile(schema, text).isPure;

const whole = `subscription ($token: ID!, $since: String, $n: Boolean!) {
  list(token: $token, since: $since) {
    __typename version since reset cursor changed
    state { id version n @include(if: $n) count rows { id name } }
    delta { rows { name } n }
  }
}`;

describe('an operation is pure', () => {
  it('if all its fields are those that the plugin and Pothos have made', () => {
    expect(isPure(schemaWith())).toBe(true);
    expect(
      isPure(schemaWith(), 'subscription { tasks(token: "T") { id state event status } }'),
    ).toBe(true);
  });

  it('also one of all states, unless a plugin wraps how their types are found out', () => {
    const states = `subscription {
      states(token: "T") { version diffs { __typename since state { id version } ... on ListDiff { changed } } }
    }`;
    expect(isPure(schemaWith(), states)).toBe(true);
    expect(isPure(schemaWith('type'), states)).toBe(false);
    const builder = new SchemaBuilder({ plugins: [statewire(), curious] } as never);
    builder.state('List', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    expect(isPure(builder.toSchema(), states)).toBe(false);
  });

  it('but not if one of them has an auth option', () => {
    for (const part of ['type', 'var', 'row type', 'row field'] as const) {
      expect([part, isPure(schemaWith(part))]).toEqual([part, false]);
    }
    const other = 'subscription { list(token: "T") { version state { id version n } } }';
    expect(isPure(schemaWith('var'), other)).toBe(true);
    expect(isPure(schemaWith('type'), other)).toBe(false);
    const delta = 'subscription { list(token: "T") { delta { rows { name } } } }';
    expect(isPure(schemaWith(), delta)).toBe(true);
    expect(isPure(schemaWith('var'), delta)).toBe(false);
    expect(isPure(schemaWith('type'), delta)).toBe(false);
  });

  it('not if a user has resolved or wrapped one', () => {
    const schema = schemaWith(null, (builder) =>
      builder.objectField('Row' as never, 'mine', (t) => t.string({ resolve: () => '' })),
    );
    const mine = 'subscription { list(token: "T") { state { rows { mine } } } }';
    expect(isPure(schema, mine)).toBe(false);
    expect(isPure(schema)).toBe(true);
    for (const [name, field] of [
      ['List', 'n'],
      ['List', 'id'],
      ['Row', 'name'],
      ['Row', 'id'],
      ['ListDiff', 'state'],
      ['ListDelta', 'n'],
      ['Subscription', 'list'],
    ] as const) {
      const wrapped = schemaWith();
      const type = wrapped.getType(name);
      if (!isObjectType(type)) throw new TypeError(`Expected a type ${name}.`);
      const { [field]: definition } = type.getFields();
      const { resolve = defaultFieldResolver } = definition ?? {};
      Object.assign(definition ?? {}, {
        resolve: (...args: Parameters<typeof resolve>) => resolve(...args),
      });
      expect([name, field, isPure(wrapped)]).toEqual([name, field, false]);
    }
  });

  it('not if it is no subscription of the plugin', () => {
    expect(isPure(schemaWith(), '{ list(token: "T") { n } }')).toBe(false);
    const schema = schemaWith(null, (builder) =>
      builder.subscriptionField('mine', (t) =>
        t.field({
          type: 'Int',
          subscribe: async function* () {
            yield 1;
          },
          resolve: (value) => value as number,
        }),
      ),
    );
    expect(isPure(schema, 'subscription { mine }')).toBe(false);
    // Nor if it is read as it comes.
    Object.assign(schema.getSubscriptionType()?.getFields()['mine'] ?? {}, { resolve: undefined });
    expect(isPure(schema, 'subscription { mine }')).toBe(false);
  });

  it('not if its arguments can be wrong when it is executed', () => {
    const text = 'subscription ($token: ID = "T") { list(token: $token) { version } }';
    expect(isPure(schemaWith(), text)).toBe(false);
  });

  it('not if a type looks at its objects', () => {
    const schema = schemaWith();
    Object.assign(schema.getType('Row') ?? {}, { isTypeOf: () => true });
    expect(isPure(schema)).toBe(false);
  });
});

describe('graphql-js executes', () => {
  it.each([
    ['what has no operation of that name', 'query A { __typename } query B { __typename }'],
    ['incremental delivery', '{ ...@defer { list(token: "T") { n } } }'],
    ['fragments that hold themselves', 'query { ...F } fragment F on Query { ...F }'],
    ['conditions that are none', '{ __typename @skip(if: "yes") }'],
  ])('%s', (_, text) => {
    expect(compileOperation(schemaWith(), parse(text), null)).toBeNull();
  });
});

describe('a previous result is of use', () => {
  it('where there are rows', () => {
    expect(compile(schemaWith(), whole).reuses).toBe(true);
    // On graphql 17 it is not compiled.
    expect(compile(schemaWith('type'), whole).reuses).toBe(executesAll);
    expect(compile(schemaWith('row type'), whole).reuses).toBe(false);
    const scalars = 'subscription { list(token: "T") { changed state { id n } } }';
    expect(compile(schemaWith(), scalars).reuses).toBe(false);
  });
});
