import * as fc from 'fast-check';
import {
  type ExecutionResult,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { DeltaDecoder } from '../../../src/delta/delta-decoder.ts';
import { DeltaEncoder } from '../../../src/delta/delta-encoder.ts';
import { settle } from '../../../src/values/settle.ts';
import { draftOf } from '../../support/draft-of.ts';
import { Boards, type BoardValues, type Card, type Column } from './board-schema.ts';
import { executesAll, executorOf } from './compare.ts';

const boards = new Boards();
const { schema } = boards;

interface Data {
  readonly board: { readonly state: BoardValues & { readonly first?: unknown } };
}

const cardOf = (n: number): Card => ({
  ...{ id: `card-${n}`, title: `Card ${n}`, points: n % 9, tags: ['a'], due: null },
  owner: { name: 'Ada' },
});
const columnOf = (n: number): Column => ({
  name: `Column ${n}`,
  cards: [cardOf(n), cardOf(n + 1)],
  grid: [[n], [n + 1]],
});
const board = settled({
  ...{ title: 'A board', count: 0, mood: null, owner: { name: 'Ada' } },
  cards: Array.from({ length: 30 }, (_, n) => cardOf(n)),
  columns: Array.from({ length: 4 }, (_, n) => columnOf(n)),
});

function settled(values: BoardValues): BoardValues {
  return settle(values, []) as unknown as BoardValues;
}

/** Executes a subscription for one version of the values after another, with the result before. */
function follow(selection: string, ...versions: readonly BoardValues[]): BoardValues[] {
  const document = parse(`subscription { board(token: "T") { state { ${selection} } } }`);
  const compiled = executorOf(schema, document);
  let previous: ExecutionResult | null = null;
  return versions.map((values) => {
    previous = compiled.execute({
      rootValue: boards.diff(values),
      contextValue: { staff: true },
      variableValues: null,
      previous,
    }) as ExecutionResult;
    expect(previous.errors).toBeUndefined();
    return (previous.data as unknown as Data).board.state;
  });
}

const rows = 'cards { id title tags owner { name } }';
const all = 'columns { name cards { id title } grid }';

/** For each row of a list, where the same object was in the list before; -1 if it is new. */
function placesBefore(
  results: readonly BoardValues[],
  list: 'cards' | 'columns' = 'cards',
): number[] {
  const [before = [], after = []] = results.map((result): readonly object[] => result[list]);
  return after.map((row) => before.indexOf(row));
}

describe('a result that follows another has the same object', () => {
  it('for a list and an object that did not change', () => {
    const [before, after] = follow(`${rows} owner { name }`, board, { ...board, count: 1 });
    expect(after?.cards).toBe(before?.cards);
    expect(after?.owner).toBe(before?.owner);
  });

  it('for each row but the one that changed, and for what is in it', () => {
    const cards = board.cards.with(3, { ...(board.cards[3] as Card), title: 'new' });
    const results = follow(rows, board, settled({ ...board, cards }));
    expect(placesBefore(results)).toEqual(board.cards.map((_, n) => (n === 3 ? -1 : n)));
    const [before, after] = results.map((result) => result.cards[3]);
    expect(after?.title).toBe('new');
    expect(after?.tags).toBe(before?.tags);
    expect(after?.owner).toBe(before?.owner);
  });

  it.each([
    ['one is taken out', board.cards.toSpliced(4, 1)],
    ['some are taken out', board.cards.toSpliced(4, 11)],
    ['the first is gone', board.cards.slice(1)],
    ['one is moved', board.cards.toSpliced(0, 1).toSpliced(20, 0, board.cards[0] as Card)],
    ['all are turned round', board.cards.toReversed()],
    [
      'some are added',
      board.cards.toSpliced(7, 0, settled({ ...board, cards: [cardOf(50)] }).cards[0] as Card),
    ],
  ])('for rows that are elsewhere, since %s', (_, cards) => {
    const places = placesBefore(follow(rows, board, settled({ ...board, cards })));
    expect(places).toEqual(cards.map((card) => board.cards.indexOf(card)));
  });

  it('for rows of rows', () => {
    const [first] = board.columns as [Column];
    const cards = [first.cards[0] as Card, cardOf(99)];
    const columns = board.columns.with(0, { ...first, cards });
    const results = follow(all, board, settled({ ...board, columns }));
    expect(placesBefore(results, 'columns')).toEqual([-1, 1, 2, 3]);
    const [before, after] = results.map((result) => result.columns[0]);
    expect(after?.cards[0]).toBe(before?.cards[0]);
    expect(after?.grid).toBe(before?.grid);
  });

  it.skipIf(!executesAll).for([
    ['Guarded', 'field by field'],
    ['Checked', 'once'],
  ] as const)('for rows of a state that is %s, %s', ([state]) => {
    const field = state.toLowerCase();
    const document = parse(`subscription { ${field}(token: "T") { state { title ${rows} } } }`);
    const compiled = executorOf(schema, document);
    const run = async (values: BoardValues, staff: boolean, previous: ExecutionResult | null) =>
      compiled.execute({
        rootValue: boards.diff(values, { state }),
        contextValue: { staff },
        variableValues: null,
        previous,
      }) as ExecutionResult;
    const rowsOf = ({ data }: ExecutionResult) =>
      (data as unknown as Record<string, { state: BoardValues }>)[field]?.state.cards;
    return run(board, true, null).then(async (before) => {
      const after = await run({ ...board, title: 'new' }, true, before);
      expect(rowsOf(after)).toBe(rowsOf(before));
      // Whoever may not see them does not get them from the result before.
      const refused = await run(board, false, before);
      expect(refused.data).toBeNull();
      expect(refused.errors?.[0]?.message).toContain('Not authorized');
    });
  });
});

describe('a result that follows others of a long list', () => {
  const edit = fc.record({
    kind: fc.constantFrom('write', 'write', 'write', 'remove', 'push', 'move', 'put'),
    at: fc.nat(120),
    to: fc.nat(120),
  });

  function makeEdit(cards: Card[], { kind, at, to }: { kind: string; at: number; to: number }) {
    const place = at % cards.length;
    const card = cards[place] as { title: string };
    if (kind === 'write') card.title = `title ${to}`;
    else if (kind === 'remove') cards.splice(place, 2);
    else if (kind === 'push') cards.push(cardOf(1_000 + to));
    else if (kind === 'move') cards.splice(to % cards.length, 0, ...cards.splice(place, 1));
    else cards[place] = cardOf(2_000 + to);
  }

  it('is as if it had none before it, and so is the difference on the wire', () => {
    const long = settled({ ...board, cards: Array.from({ length: 120 }, (_, n) => cardOf(n)) });
    const steps = fc.array(fc.array(edit, { maxLength: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(steps, fc.boolean(), (commits, skips) => {
        const versions = [long];
        for (const edits of commits) {
          const { node, draft } = draftOf<object>(versions.at(-1) as object);
          for (const each of edits) makeEdit((draft as { cards: Card[] }).cards, each);
          versions.push(node.snapshot([]) as BoardValues);
        }
        // Whoever is behind gets several commits at once.
        const seen = skips ? versions.filter((_, n) => n % 2 === 0) : versions;
        const results = follow(rows, ...seen);
        expect(results).toEqual(seen.flatMap((values) => follow(rows, values)));
        const encoder = new DeltaEncoder();
        const decoder = new DeltaDecoder();
        for (const data of results) {
          const message = JSON.parse(JSON.stringify(encoder.encode({ data })));
          expect(decoder.decode(message)).toEqual({ data });
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('nothing is reused', () => {
  it('of a list that holds an error', () => {
    const cards = board.cards.with(2, { ...(board.cards[2] as Card), points: 2 ** 40 });
    const document = parse('subscription { board(token: "T") { state { cards { points } } } }');
    const compiled = executorOf(schema, document);
    const run = (previous: ExecutionResult | null) =>
      compiled.execute({
        rootValue: boards.diff(settled({ ...board, cards })),
        contextValue: {},
        variableValues: null,
        previous,
      }) as ExecutionResult;
    const first = run(null);
    const second = run(first);
    expect(second.errors?.map(({ path }) => path)).toEqual([
      ['board', 'state', 'cards', 2, 'points'],
    ]);
    expect(second).toEqual(first);
    const listOf = ({ data }: ExecutionResult) => (data as unknown as Data).board.state.cards;
    expect(listOf(second)).not.toBe(listOf(first));
  });

  it('of what a field with another alias gave, or another selection', () => {
    const [before, after] = follow(
      'a: cards { id } b: cards { id title }',
      board,
      board,
    ) as never[];
    expect(after).toEqual(before);
    const document = parse(`subscription ($all: Boolean!) {
      board(token: "T") { state { cards { id title @include(if: $all) } } }
    }`);
    const compiled = executorOf(schema, document);
    const rootValue = boards.diff(board);
    const run = (all: boolean, previous: ExecutionResult | null) =>
      compiled.execute({ rootValue, contextValue: {}, variableValues: { all }, previous });
    const first = run(false, null) as ExecutionResult;
    expect(run(true, first)).toEqual(run(true, null));
  });

  it('of rows that a user gives and changes in place', () => {
    const row = { id: '1', title: 'before' };
    const Row = boards.schema.getType('Card') as GraphQLObjectType;
    const Query = new GraphQLObjectType({
      name: 'Query',
      fields: { rows: { type: Row, resolve: () => row } },
    });
    const document = parse('{ rows { id title } }');
    const compiled = executorOf(new GraphQLSchema({ query: Query }), document);
    const run = (previous: ExecutionResult | null) =>
      compiled.execute({ rootValue: {}, contextValue: {}, variableValues: null, previous });
    const first = run(null) as ExecutionResult;
    row.title = 'after';
    expect(run(first)).toEqual({ data: { rows: { id: '1', title: 'after' } } });
    expect(first).toEqual({ data: { rows: { id: '1', title: 'before' } } });
  });

  it('of lists that a user gives and changes in place', () => {
    const rows = [{ id: '1', title: 'one' }];
    const Row = boards.schema.getType('Card') as GraphQLObjectType;
    const Query = new GraphQLObjectType({
      name: 'Query',
      fields: { rows: { type: new GraphQLList(Row), resolve: () => rows } },
    });
    const document = parse('{ rows { id title } }');
    const compiled = executorOf(new GraphQLSchema({ query: Query }), document);
    const run = (previous: ExecutionResult | null) =>
      compiled.execute({ rootValue: {}, contextValue: {}, variableValues: null, previous });
    const first = run(null) as ExecutionResult;
    (rows[0] as { title: string }).title = 'two';
    expect(run(first)).toEqual({ data: { rows: [{ id: '1', title: 'two' }] } });
  });
});
