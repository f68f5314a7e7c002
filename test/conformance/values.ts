import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';

function defineScalars(builder: LabBuilder): void {
  builder.scalarType('BigInt', {
    serialize: (value) => String(value),
    parseValue: (value) => BigInt(value as string),
  });
  builder.scalarType('Instant', {
    serialize: (value) => value.toISOString(),
    parseValue: (value) => new Date(value as string),
  });
  builder.scalarType('Scores', {
    serialize: (value) => [...value],
    parseValue: (value) => new Map(value as [string, number][]),
  });
  builder.scalarType('Tags', {
    serialize: (value) => [...value],
    parseValue: (value) => {
      if (Array.isArray(value)) return new Set(value as string[]);
      throw new GraphQLError('Expected a list.');
    },
  });
}

interface Point {
  x: number;
  label: string | null;
}

export function valueTests(createStore: StoreFactory): void {
  describe('values', () => {
    it('of every scalar, enum, object type and list keep their type, also nullable', async () => {
      const { client } = await startLab(createStore, (builder) => {
        defineScalars(builder);
        const Mode = builder.enumType('Mode', { values: ['FAST', 'SLOW'] });
        const Point = builder.objectRef<Point>('Point').implement({
          fields: (t) => ({
            x: t.exposeFloat('x', { nullable: false }),
            label: t.exposeString('label', { nullable: true }),
          }),
        });
        const All = builder.state('All', {
          vars: (t) => ({
            int: t.int({ default: -1 }),
            float: t.float({ default: 0.5 }),
            string: t.string({ default: () => 'made' }),
            boolean: t.boolean({ default: true }),
            ident: t.id({ default: 'a1' }),
            ints: t.intList({ default: [1, 2] }),
            ids: t.idList({ default: [] }),
            nullString: t.string({ nullable: true }),
            nullSet: t.int({ nullable: true, default: 3 }),
            mode: t.field({ type: Mode, default: 'FAST' }),
            modes: t.field({ type: [Mode], default: ['SLOW'] }),
            point: t.field({ type: Point, default: { x: 1, label: null } }),
            nullPoint: t.field({ type: Point, nullable: true }),
            points: t.field({ type: [Point], default: () => [{ x: 2, label: 'p' }] }),
            big: t.field({ type: 'BigInt', default: 2n ** 80n }),
            at: t.field({ type: 'Instant', default: new Date(0) }),
            scores: t.field({ type: 'Scores', default: new Map([['a', 1]]) }),
            tags: t.field({ type: 'Tags', default: new Set(['t']) }),
          }),
        });
        All.event('change', {
          args: (t) => ({
            at: t.field({ type: 'Instant', required: true }),
            scores: t.field({ type: 'Scores', required: true }),
          }),
        }).resolve((s, { at, scores }) => {
          s.nullString = 'set';
          s.nullSet = null;
          s.nullPoint = s.points[0] ?? null;
          s.points.push({ x: 3, label: null });
          s.big += 1n;
          s.at = at;
          for (const [name, score] of scores) s.scores.set(name, score);
          s.tags.add('u').delete('t');
          s.mode = 'SLOW';
        });
      });
      const fields = `int float string boolean ident ints ids nullString nullSet mode modes
        point { x label } nullPoint { x } points { x } big at scores tags`;
      const subscription = client.subscribe(
        `subscription { all(token: "T") { changed delta { ${fields} } } }`,
      );
      const before = {
        int: -1,
        float: 0.5,
        string: 'made',
        boolean: true,
        ident: 'a1',
        ints: [1, 2],
        ids: [],
        nullString: null,
        nullSet: 3,
        mode: 'FAST',
        modes: ['SLOW'],
        point: { x: 1, label: null },
        nullPoint: null,
        points: [{ x: 2 }],
        big: '1208925819614629174706176',
        at: '1970-01-01T00:00:00.000Z',
        scores: [['a', 1]],
        tags: ['t'],
      };
      expect((await subscription.next()).delta).toEqual(before);
      const { state } = await client.run(
        `mutation ($scores: Scores!) {
          allChange(token: "T", at: "2026-01-01T00:00:00Z", scores: $scores) { state { ${fields} } }
        }`,
        {
          scores: [
            ['b', 2],
            ['a', 5],
          ],
        },
      );
      const changed = {
        nullString: 'set',
        nullSet: null,
        nullPoint: { x: 2 },
        points: [{ x: 2 }, { x: 3 }],
        big: '1208925819614629174706177',
        at: '2026-01-01T00:00:00.000Z',
        scores: [
          ['a', 5],
          ['b', 2],
        ],
        tags: ['u'],
        mode: 'SLOW',
      };
      expect(state).toEqual({ ...before, ...changed });
      const diff = await subscription.next();
      expect(diff.changed).toHaveLength(Object.keys(changed).length);
      expect(diff.delta).toMatchObject(changed);
      expect(diff.delta.int).toBeNull();
    });

    it('of backend vars may be Maps of Sets of anything that can be stored', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Room = builder.state('Room', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
          backend: () => ({
            seen: new Map<string, Set<number>>(),
            last: null as Date | null,
            count: 0n,
          }),
          computed: (t) => ({
            names: t.stringList({ resolve: (s) => [...s.seen.keys()] }),
            total: t.int({
              resolve: (s) => [...s.seen.values()].reduce((sum, set) => sum + set.size, 0),
            }),
          }),
        });
        Room.event('see', {
          args: (t) => ({ who: t.string({ required: true }), what: t.int({ required: true }) }),
        }).resolve((s, { who, what }) => {
          const known = s.seen.get(who) ?? new Set();
          known.add(what);
          s.seen.set(who, known);
          s.last = new Date(what);
          s.count += 1n;
        });
        Room.background('look').resolve(async (self) => {
          const { seen } = self;
          await self.modifyState((s) => {
            s.n = seen.get('a')?.size ?? 0;
          });
        });
      });
      const see = (who: string, what: number) =>
        client.run(
          `mutation { roomSee(token: "T", who: "${who}", what: ${what}) { version state { names total } } }`,
        );
      await see('b', 1);
      await see('a', 1);
      expect(await see('a', 2)).toEqual({ version: 3, state: { names: ['b', 'a'], total: 3 } });
      // The same again changes nothing that anybody sees.
      expect(await see('a', 2)).toEqual({ version: 3, state: { names: ['b', 'a'], total: 3 } });
      await client.run('mutation { roomLook(token: "T") { id } }');
      await noTask(app);
      expect(await client.run('{ room(token: "T") { n } }')).toEqual({ n: 2 });
    });

    it.each<[string, unknown, string]>([
      ['a function', () => 1, 'Cell.any: a function'],
      ['a symbol', Symbol('x'), 'Cell.any: a symbol'],
      [
        'a class instance',
        { deep: [new URL('http://localhost')] },
        'Cell.any.deep[0]: an instance of URL',
      ],
      ['NaN', { n: Number.NaN }, 'Cell.any.n: NaN'],
      ['a Map with an object as key', new Map([[{}, 1]]), 'Cell.any: a Map key that is an object'],
    ])('that cannot be stored are refused with their path, %s', async (_name, value, message) => {
      const { client } = await startLab(createStore, (builder) => {
        const Cell = builder.state('Cell', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
          backend: () => ({ any: null as unknown }),
        });
        Cell.event('put').resolve((s) => {
          s.n = 1;
          s.any = value;
        });
      });
      const { errors } = await client.result('mutation { cellPut(token: "T") { version } }');
      expect(errors?.[0]?.extensions?.['code']).toBe('VALUE_NOT_STORABLE');
      expect(errors?.[0]?.message).toContain(message);
      expect(await client.run('{ cell(token: "T") { n version } }')).toEqual({ n: 0, version: 0 });
    });

    it('without an end are refused: a cycle, and 10,000 levels', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Cell = builder.state('Cell', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
          backend: () => ({ any: null as unknown }),
        });
        Cell.event('cycle').resolve((s) => {
          const map = new Map<string, unknown>();
          map.set('self', new Set([map]));
          s.any = map;
        });
        Cell.event('deep').resolve((s) => {
          let deep: unknown = 0;
          for (let i = 0; i < 10_000; i += 1) deep = i % 2 ? [deep] : new Map([['d', deep]]);
          s.any = deep;
        });
        Cell.event('fine').resolve((s) => {
          s.n += 1;
        });
      });
      for (const event of ['Cycle', 'Deep']) {
        const { errors } = await client.result(`mutation { cell${event}(token: "T") { version } }`);
        expect(errors?.[0]?.message).toContain('more than 1000 levels deep');
      }
      expect(await client.run('mutation { cellFine(token: "T") { version } }')).toEqual({
        version: 1,
      });
    });

    it.each<[string, string, unknown, string]>([
      ['NaN where Int', 'n', Number.NaN, 'Cell.n: NaN is not a JSON number'],
      ['a fraction where Int', 'n', 1.5, 'Cell.n: 1.5 is not an Int'],
      ['too large an Int', 'n', 2 ** 31, 'Cell.n: 2147483648 is not an Int'],
      ['null where it is not nullable', 'n', null, 'Cell.n: null (the var is not nullable)'],
      ['undefined where it is not nullable', 'n', undefined, 'Cell.n: null'],
      ['a number where String', 'text', 1, 'Cell.text: 1 is not a String'],
      ['an object where String', 'text', {}, 'Cell.text: a value of type object is not a String'],
      [
        'a String where a list',
        'list',
        'a',
        'Cell.list: a value of type string (the var is a list)',
      ],
      ['null in a list', 'list', ['a', null], 'Cell.list: null in a list that has none'],
    ])('of another type than their var are refused, %s', async (_name, field, value, message) => {
      const { client } = await startLab(createStore, (builder) => {
        const Cell = builder.state('Cell', {
          vars: (t) => ({
            n: t.int({ default: 0 }),
            text: t.string({ default: '' }),
            list: t.stringList({ default: [] }),
          }),
        });
        Cell.event('put').resolve((s) => {
          Object.assign(s, { [field]: value });
        });
      });
      const { errors } = await client.result('mutation { cellPut(token: "T") { version } }');
      expect(errors?.[0]?.extensions?.['code']).toBe('VALUE_NOT_STORABLE');
      expect(errors?.[0]?.message).toContain(message);
      expect(await client.run('{ cell(token: "T") { version } }')).toEqual({ version: 0 });
    });

    it('in a keyed list that moves or is made anew give a diff only of what changed', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Row = builder.objectRef<{ id: string; n: number }>('Row').implement({
          fields: (t) => ({
            id: t.exposeID('id', { nullable: false }),
            n: t.exposeInt('n', { nullable: false }),
          }),
        });
        const Table = builder.state('Table', {
          vars: (t) => ({
            rows: t.field({
              type: [Row],
              key: 'id',
              default: ['a', 'b', 'c'].map((id) => ({ id, n: 0 })),
            }),
          }),
          computed: (t) => ({
            odd: t.field({
              type: [Row],
              key: 'id',
              resolve: (s) => s.rows.filter((row) => row.n % 2),
            }),
          }),
        });
        Table.event('load').resolve((s) => {
          s.rows = ['c', 'a', 'x', 'b'].map((id) => ({ id, n: id === 'b' ? 1 : 0 }));
        });
      });
      const subscription = client.subscribe(
        'subscription { table(token: "T") { version changed state { rows { id n } odd { id } } } }',
      );
      await subscription.next();
      await client.run('mutation { tableLoad(token: "T") { version } }');
      expect(await subscription.next()).toEqual({
        version: 1,
        changed: ['ROWS', 'ODD'],
        state: {
          rows: [
            { id: 'c', n: 0 },
            { id: 'a', n: 0 },
            { id: 'x', n: 0 },
            { id: 'b', n: 1 },
          ],
          odd: [{ id: 'b' }],
        },
      });
      // Made anew with the same content: no diff, and no new version.
      expect(await client.run('mutation { tableLoad(token: "T") { version } }')).toEqual({
        version: 1,
      });
    });
  });
}
