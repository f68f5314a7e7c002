import SchemaBuilder from '@pothos/core';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createApp, memoryStore, statewire } from 'statewire';
import { createTestApp } from 'statewire/testing';
import { describe, expect, it } from 'vitest';
import { createBuilder, type LabContext, startLab } from '../support/lab.ts';

describe('the schema of a state', () => {
  it('has a query, a subscription, its diff types and its mutations', () => {
    const builder = createBuilder();
    const Cell = builder.state('Cell', {
      description: 'A cell.',
      vars: (t) => ({
        count: t.int({ default: 0, description: 'How many.' }),
        maxCount: t.int({ nullable: true }),
        tags: t.stringList({ default: [] }),
      }),
      backend: () => ({ secret: 'never in the schema' }),
      computed: (t) => ({ isFull: t.boolean({ resolve: (s) => s.count === s.maxCount }) }),
    });
    Cell.event('add', {
      description: 'Adds.',
      args: (t) => ({ by: t.int({ required: true }), note: t.string() }),
    }).resolve(() => {});
    Cell.background('fill').resolve(async () => {});
    const sdl = printSchema(lexicographicSortSchema(builder.toSchema()));
    const own = sdl
      .replaceAll(/ *"""[^"]*"""\n/g, '')
      .replaceAll(/\n\n(?= )/g, '\n')
      .split('\n\n')
      .filter((part) => /Cell/.test(part))
      .join('\n\n');
    expect(sdl).toContain('"""How many."""');
    expect(own).not.toContain('secret');
    expect(own).toMatchInlineSnapshot(`
      "type Cell implements State {
        count: Int!
        id: ID!
        isFull: Boolean!
        maxCount: Int
        tags: [String!]!
        version: Float!
      }

      type CellDelta {
        count: Int
        isFull: Boolean
        maxCount: Int
        tags: [String!]
      }

      type CellDiff implements StateDiff {
        changed: [CellVar!]!
        cursor: String!
        delta: CellDelta!
        reset: Boolean!
        since: Float!
        state: Cell!
        version: Float!
      }

      type CellEventResult {
        state: Cell!
        tasks: [Task!]!
        version: Float!
      }

      enum CellVar {
        COUNT
        IS_FULL
        MAX_COUNT
        TAGS
      }

      type Mutation {
        cancelTask(id: ID!, token: ID!): Task!
        cellAdd(by: Int!, note: String, token: ID!): CellEventResult!
        cellFill(token: ID!): Task!
        issueToken: ID!
      }

      type Query {
        cell(token: ID!): Cell!
        task(id: ID!, token: ID!): Task
        tasks(status: [TaskStatus!], token: ID!): [Task!]!
      }

      type Subscription {
        cell(
          since: String
          token: ID!
        ): CellDiff!
        states(
          since: String
          token: ID!
        ): TokenDiff!
        tasks(token: ID!): Task!
      }"
    `);
  });

  it('names mutations as told', () => {
    const builder = new SchemaBuilder({
      plugins: [statewire()],
      statewire: { fieldName: ({ state, event }) => `${state}_${event}` },
    });
    const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    Cell.event('one').resolve(() => {});
    Cell.event('two', { fieldName: 'justTwo' }).resolve(() => {});
    Cell.background('hidden', { internal: true }).resolve(async () => {});
    const mutations = Object.keys(builder.toSchema().getMutationType()?.getFields() ?? {});
    expect(mutations.sort()).toEqual(['Cell_one', 'cancelTask', 'issueToken', 'justTwo']);
  });

  it('lives beside types and root fields of the user, whoever defines the root types', async () => {
    for (const rootsFirst of [true, false]) {
      const builder = createBuilder();
      const roots = () => {
        builder.queryType({ fields: (t) => ({ hello: t.string({ resolve: () => 'world' }) }) });
        builder.mutationType({ description: 'Mine.' });
      };
      if (rootsFirst) roots();
      const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 7 }) }) });
      if (!rootsFirst) roots();
      builder.queryField('cells', (t) =>
        t.field({
          type: [Cell],
          resolve: () => [],
        }),
      );
      const schema = builder.toSchema();
      expect(Object.keys(schema.getQueryType()?.getFields() ?? {}).sort()).toEqual([
        'cell',
        'cells',
        'hello',
        'task',
        'tasks',
      ]);
      expect(schema.getMutationType()?.description).toBe('Mine.');
    }
  });

  it('resolves the vars of a delta only if they changed', async () => {
    const resolved: string[] = [];
    const { client } = await startLab(memoryStore, (builder) => {
      const Row = builder.objectRef<{ id: string }>('Row').implement({
        fields: (t) => ({
          id: t.string({
            resolve: ({ id }) => {
              resolved.push(id);
              return id;
            },
          }),
        }),
      });
      const Table = builder.state('Table', {
        vars: (t) => ({
          n: t.int({ default: 0 }),
          rows: t.field({ type: [Row], default: [{ id: 'a' }] }),
        }),
      });
      Table.event('bump').resolve((s) => {
        s.n += 1;
      });
    });
    const subscription = client.subscribe(
      'subscription { table(token: "T") { delta { n rows { id } } } }',
    );
    expect(await subscription.next()).toEqual({ delta: { n: 0, rows: [{ id: 'a' }] } });
    await client.run('mutation { tableBump(token: "T") { version } }');
    expect(await subscription.next()).toEqual({ delta: { n: 1, rows: null } });
    expect(resolved).toEqual(['a']);
  });

  it('carries the app that it is created with, so one schema can serve several', async () => {
    const builder = createBuilder();
    builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    const schema = builder.toSchema();
    const apps = [0, 1].map(() => createApp({ schema, store: memoryStore() }));
    expect(apps[0]?.schema).not.toBe(apps[1]?.schema);
    expect(() => createApp({ schema: createBuilderWithoutStates(), store: memoryStore() })).toThrow(
      /new SchemaBuilder\(\{ plugins: \[statewire\(\)\] \}\)/,
    );
  });
});

function createBuilderWithoutStates() {
  const builder = new SchemaBuilder({ plugins: [] });
  builder.queryType({ fields: (t) => ({ hello: t.string({ resolve: () => 'world' }) }) });
  return builder.toSchema();
}

describe('a definition that makes no sense is refused with what to do', () => {
  const vars = (
    t: Parameters<Parameters<ReturnType<typeof createBuilder>['state']>[1]['vars']>[0],
  ) => ({
    n: t.int({ default: 0 }),
  });

  it.each<[string, (builder: ReturnType<typeof createBuilder>) => unknown, RegExp]>([
    [
      'a state name that is taken',
      (builder) => {
        builder.state('Cell', { vars });
        builder.state('Cell', { vars });
      },
      /a new state name, got Cell a second time/,
    ],
    [
      'a state named like a type of ours',
      (builder) => builder.state('Task', { vars }),
      /another state name than Task/,
    ],
    [
      'a state named like a type of another state',
      (builder) => {
        builder.state('Cell', { vars });
        builder.state('CellDiff', { vars });
      },
      /another state name than CellDiff: CellDiff is a type of the state Cell already/,
    ],
    [
      'a state named like a type of the user',
      (builder) => {
        builder
          .objectRef('Cell')
          .implement({ fields: (t) => ({ id: t.id({ resolve: () => '' }) }) });
        builder.state('Cell', { vars });
      },
      /another state name than Cell: Cell is a type already/,
    ],
    [
      'a state whose fields are those of another',
      (builder) => {
        builder.state('Cell', { vars });
        builder.state('cell', { vars });
      },
      /the query and subscription "cell" is that of the state Cell already/,
    ],
    [
      'a state whose fields are ours',
      (builder) => builder.state('States', { vars }),
      /"states" is a field of statewire already/,
    ],
    [
      'events whose mutations have one name',
      (builder) => {
        builder
          .state('A', { vars })
          .event('bC')
          .resolve(() => {});
        builder
          .state('AB', { vars })
          .event('c')
          .resolve(() => {});
      },
      /another mutation than "aBC" for AB\.c: it is that of A\.bC already\. Set the option fieldName/,
    ],
    [
      'a state without a var',
      (builder) => builder.state('Cell', { vars: () => ({}) }),
      /at least one var in Cell/,
    ],
    [
      'a reserved name',
      (builder) => builder.state('Cell', { vars, backend: () => ({ token: 1 }) as never }),
      /another name for Cell\.token/,
    ],
    [
      'a name used twice',
      (builder) => builder.state('Cell', { vars, backend: () => ({ n: 1 }) }),
      /one Cell\.n, got two/,
    ],
    [
      'vars whose enum names collide',
      (builder) =>
        builder.state('Cell', {
          vars: (t) => ({ maxCount: t.int({ default: 0 }), max_count: t.int({ default: 0 }) }),
        }),
      /both are MAX_COUNT in the enum CellVar/,
    ],
    [
      'an event without a handler',
      (builder) => {
        builder.state('Cell', { vars }).event('forgotten');
      },
      /a handler for Cell\.forgotten: call \.resolve\(handler\)/,
    ],
    [
      'an event name that is taken',
      (builder) => {
        const Cell = builder.state('Cell', { vars });
        Cell.event('add').resolve(() => {});
        Cell.event('add');
      },
      /a new event name, got Cell\.add a second time/,
    ],
    [
      'an argument named token',
      (builder) =>
        builder
          .state('Cell', { vars })
          .event('add', { args: (t) => ({ token: t.string() }) })
          .resolve(() => {}),
      /no argument "token" of cellAdd/,
    ],
    [
      'a default that is not of its type',
      (builder) =>
        builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 'one' as never }) }) }),
      /Cannot store Cell\.n: a value of type string is not an Int/,
    ],
    [
      'a parent of another builder',
      (builder) => {
        builder.state('Parent', { vars });
        const Parent = createBuilder().state('Parent', { vars });
        builder.state('Cell', { vars, parent: Parent as never });
      },
      /a state of the same builder as the parent of Cell, got another Parent/,
    ],
    [
      'a var named like what no object may have',
      (builder) =>
        builder.state('Cell', { vars: (t) => ({ constructor: t.int({ default: 0 }) as never }) }),
      /another name for Cell\.constructor/,
    ],
    [
      'a second onLoad',
      (builder) => {
        const Cell = builder.state('Cell', { vars });
        Cell.onLoad(() => {});
        Cell.onLoad(() => {});
      },
      /one onLoad of Cell, got a second/,
    ],
    [
      'names that are none of GraphQL',
      (builder) => {
        builder.state('My Cell', { vars });
        const Cell = builder.state('Cell', { vars: (t) => ({ 'a-b': t.int({ default: 0 }) }) });
        Cell.event('fine').resolve(() => {});
        builder
          .state('Other', { vars })
          .event('bad name')
          .resolve(() => {});
      },
      /another state name than My Cell[\s\S]*for Cell\."a-b"[\s\S]*for the event Other\.bad name: its mutation would be "otherBad name"/,
    ],
    [
      'several things, all of which are named',
      (builder) => {
        builder.state('Cell', { vars }).event('forgotten');
        const Bad = builder.state('Bad', {
          vars: (t) => ({
            token: t.int({ default: 0 }) as never,
            a: t.int({ default: 'x' as never }),
            b: t.int({} as never),
          }),
        });
        Bad.event('too');
        builder.state('Empty', { vars: () => ({}) });
      },
      new RegExp(
        [
          'got 6 problems:',
          'another name for Bad\\.token',
          'at least one var in Empty',
          'a handler for Cell\\.forgotten',
          'a handler for Bad\\.too',
          'Bad\\.a: a value of type string is not an Int',
          'Bad\\.b: null \\(the var is not nullable\\)',
        ].join('[\\s\\S]*'),
      ),
    ],
    [
      'a default that cannot be stored',
      (builder) => {
        builder.state('Cell', { vars, backend: () => ({ f: () => 1 }) });
      },
      /Cannot store Cell\.f: a function/,
    ],
  ])('%s', (_name, define, message) => {
    const builder = createBuilder();
    define(builder);
    expect(() => builder.toSchema()).toThrow(message);
  });

  it('a second handler of an event', () => {
    const event = createBuilder().state('Cell', { vars }).event('add');
    event.resolve(() => {});
    expect(() => event.resolve(() => {})).toThrow(/one \.resolve\(\) of Cell\.add, got a second/);
  });

  it('by an error that points to the definition', () => {
    const builder = createBuilder();
    const defineIt = () => builder.state('Cell', { vars: () => ({}) });
    defineIt();
    try {
      builder.toSchema();
    } catch (error) {
      expect((error as Error).stack).toContain('defineIt');
    }
    expect.assertions(1);
  });
});

describe('a state as an ordinary object type', () => {
  it('is resolved from whatever object a resolver gives', async () => {
    const builder = createBuilder();
    const Cell = builder.state('Cell', {
      vars: (t) => ({ n: t.int({ default: 0 }) }),
      computed: (t) => ({ twice: t.int({ resolve: (s) => 2 * s.n }) }),
    });
    builder.queryField('plain', (t) =>
      t.field({ type: Cell, resolve: () => ({ id: 'x', version: 1, n: 4, twice: 8 }) }),
    );
    await using test = createTestApp<LabContext>({ schema: builder.toSchema() });
    expect(await test.client().run('{ plain { id version n twice } }')).toEqual({
      plain: { id: 'x', version: 1, n: 4, twice: 8 },
    });
  });
});
