import SchemaBuilder from '@pothos/core';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createApp, memoryStore, statewire } from 'statewire';
import { describe, expect, it } from 'vitest';
import { createBuilder, startLab } from '../support/lab.ts';

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
      /both are MAX_COUNT in CellVar/,
    ],
    [
      'an event without a handler',
      (builder) => {
        builder.state('Cell', { vars }).event('forgotten');
        builder.toSchema();
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
      'a second handler',
      (builder) => {
        const event = builder.state('Cell', { vars }).event('add');
        event.resolve(() => {});
        event.resolve(() => {});
      },
      /one \.resolve\(\) of Cell\.add, got a second/,
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
      'a default that cannot be stored',
      (builder) => {
        builder.state('Cell', { vars, backend: () => ({ f: () => 1 }) });
        builder.toSchema();
      },
      /Cannot store Cell\.f: a function/,
    ],
  ])('%s', (_name, define, message) => {
    expect(() => define(createBuilder())).toThrow(message);
  });
});
