import { inspect } from 'node:util';
import { ImmutableStateError, StateReleasedError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';

interface Row {
  id: string;
  tags: string[];
  meta: { score: number; more: { deep: number[] } };
}

/** What a task tries on its snapshot, by name. The types say no; a JavaScript program would not notice. */
// biome-ignore lint/suspicious/noExplicitAny: the point is to do what the types forbid.
const attempts: Record<string, (self: any) => unknown> = {
  'set a scalar': (self) => {
    self.n = 1;
  },
  'set a backend var': (self) => {
    self.hidden = 1;
  },
  'replace a list': (self) => {
    self.rows = [];
  },
  push: (self) => self.rows.push({}),
  'push nothing': (self) => self.rows.push(),
  pop: (self) => self.rows.pop(),
  shift: (self) => self.rows.shift(),
  unshift: (self) => self.rows.unshift({}),
  splice: (self) => self.rows.splice(0, 1),
  'splice of nothing': (self) => self.empty.splice(0, 0),
  sort: (self) => self.rows.sort(),
  'sort an empty list': (self) => self.empty.sort(),
  reverse: (self) => self.rows.reverse(),
  fill: (self) => self.rows.fill(null),
  copyWithin: (self) => self.rows.copyWithin(0, 1),
  'set an index': (self) => {
    self.rows[0] = {};
  },
  'set the length': (self) => {
    self.rows.length = 0;
  },
  'set a key': (self) => {
    self.rows[0].id = 'x';
  },
  'add a key': (self) => {
    self.rows[0].added = 'x';
  },
  'delete a key': (self) => {
    delete self.rows[0].id;
  },
  'nested push': (self) => self.rows[0].tags.push('x'),
  'nested set': (self) => {
    self.rows[0].meta.score = 1;
  },
  'list in object in list': (self) => self.rows[0].meta.more.deep.push(1),
  'through an iterator': (self) => {
    for (const row of self.rows) row.id = 'x';
  },
  'through find': (self) => {
    self.rows.find((row: Row) => row.id === 'a').id = 'x';
  },
  'through a helper': (self) => {
    const helper = ({ rows }: { rows: Row[] }) => Object.assign(rows[0] as Row, { id: 'x' });
    helper(self);
  },
  'Object.defineProperty': (self) => Object.defineProperty(self.rows[0], 'id', { value: 'x' }),
  'Object.setPrototypeOf': (self) => Object.setPrototypeOf(self.rows[0], null),
  'Object.freeze': (self) => Object.freeze(self.rows),
  reset: (self) => self.reset(),
  'Map set': (self) => self.byName.set('x', { tags: [] }),
  'Map set of what it is': (self) => self.byName.set('a', self.byName.get('a')),
  'Map delete': (self) => self.byName.delete('a'),
  'Map delete of what is not there': (self) => self.byName.delete('gone'),
  'Map clear': (self) => self.byName.clear(),
  'in a value of a Map': (self) => self.byName.get('a').tags.push('x'),
  'through a Map iterator': (self) => {
    for (const [, value] of self.byName) value.tags.push('x');
  },
  'through Map forEach': (self) =>
    self.byName.forEach((value: { tags: string[] }) => {
      value.tags.push('x');
    }),
  'Set add': (self) => self.seen.add('x'),
  'Set add of what is there': (self) => self.seen.add('a'),
  'Set delete': (self) => self.seen.delete('a'),
  'Set clear': (self) => self.seen.clear(),
  'in a member of a Set': (self) => {
    for (const member of self.seen) if (typeof member === 'object') member.n = 1;
  },
  'a Date in place': (self) => self.at.setFullYear(1999),
};

export function immutabilityTests(createStore: StoreFactory): void {
  describe('outside a lock', () => {
    it('every way of writing a snapshot throws and changes nothing (8, 9)', async () => {
      const results: Record<string, unknown> = {};
      const others: Record<string, unknown> = {};
      const { app, client } = await startLab(createStore, (builder) => {
        const Row = builder.objectRef<Row>('Row').implement({
          fields: (t) => ({ id: t.exposeID('id', { nullable: false }) }),
        });
        const Table = builder.state('Table', {
          vars: (t) => ({
            n: t.int({ default: 0 }),
            rows: t.field({
              type: [Row],
              default: [
                { id: 'a', tags: ['t'], meta: { score: 0, more: { deep: [] } } },
                { id: 'b', tags: [], meta: { score: 0, more: { deep: [] } } },
              ],
            }),
            empty: t.stringList({ default: [] }),
          }),
          backend: () => ({
            hidden: 0,
            byName: new Map([['a', { tags: ['t'] }]]),
            seen: new Set<unknown>(['a', { n: 0 }]),
            at: new Date(0),
          }),
          computed: (t) => ({
            all: t.string({
              resolve: (s) => JSON.stringify([s.hidden, [...s.byName], [...s.seen], s.at]),
            }),
          }),
        });
        Table.background('work').resolve(async (self) => {
          const attempt = (name: string, target: unknown) => {
            try {
              attempts[name]?.(target);
              return 'no error';
            } catch (error) {
              return error;
            }
          };
          for (const name of Object.keys(attempts)) results[name] = attempt(name, self);
          await self.modifyState((s) => {
            s.n += 1;
          });
          const other = await self.getState(Table);
          for (const name of Object.keys(attempts)) others[name] = attempt(name, other);
        });
      });
      const subscription = client.subscribe(
        'subscription { table(token: "T") { version state { n rows { id } } } }',
      );
      await subscription.next();
      await client.run('mutation { tableWork(token: "T") { id } }');
      await noTask(app);

      for (const found of [results, others]) {
        expect(Object.keys(found)).toEqual(Object.keys(attempts));
        for (const [name, result] of Object.entries(found)) {
          expect(result, name).toBeInstanceOf(ImmutableStateError);
        }
      }
      const state = await client.run('{ table(token: "T") { n rows { id } version all } }');
      expect(state).toEqual({
        n: 1,
        rows: [{ id: 'a' }, { id: 'b' }],
        version: 1,
        all: '[0,[["a",{"tags":["t"]}]],["a",{"n":0}],"1970-01-01T00:00:00.000Z"]',
      });
      expect((await subscription.next()).version).toBe(1); // and no diff before it
    });

    it('a draft captured inside a lock, or a child of it, throws on any use (8)', async () => {
      const results: unknown[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        const Table = builder.state('Table', {
          vars: (t) => ({ lines: t.stringList({ default: [] }) }),
          backend: () => ({
            rows: [] as { tags: string[] }[],
            byName: new Map([['a', { tags: ['t'] }]]),
            seen: new Set(['a']),
          }),
        });
        Table.background('work').resolve(async (self) => {
          const captured: (() => unknown)[] = [];
          await self.modifyState((s) => {
            s.rows.push({ tags: ['a'] });
            const [row] = s.rows;
            const tags = row?.tags ?? [];
            const { lines, byName, seen } = s;
            const value = byName.get('a');
            captured.push(
              () => byName.get('a'),
              () => byName.set('b', { tags: [] }),
              () => byName.size,
              () => [...byName],
              () => value?.tags,
              () => seen.has('a'),
              () => seen.add('b'),
              () => [...seen],
              () => s.lines,
              () => lines.push('x'),
              () => lines.sort(),
              () => row?.tags,
              () => tags.push('x'),
              () => tags.length,
              () => s.reset(),
            );
          });
          for (const use of captured) {
            try {
              results.push(use());
            } catch (error) {
              results.push(error);
            }
          }
        });
      });
      await client.run('mutation { tableWork(token: "T") { id } }');
      await noTask(app);
      expect(results).toEqual(Array(15).fill(expect.any(StateReleasedError)));
      expect((await client.run('{ table(token: "T") { lines } }')).lines).toEqual([]);
    });

    it('reset inside a lock puts every var and backend var back to its default (9)', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Table = builder.state('Table', {
          vars: (t) => ({ n: t.int({ default: 3 }), lines: t.stringList({ default: ['d'] }) }),
          backend: () => ({ hidden: 'default' }),
        });
        Table.event('mess').resolve((s) => {
          s.n = 1;
          s.lines.push('foo');
          s.hidden = 'changed';
        });
        Table.background('work').resolve(async (self) => {
          await self.modifyState((s) => {
            s.lines.push(`${s.hidden}`);
            s.reset();
            s.lines.push(s.hidden);
          });
        });
      });
      await client.run('mutation { tableMess(token: "T") { version } }');
      await client.run('mutation { tableWork(token: "T") { id } }');
      await noTask(app);
      const state = await client.run('{ table(token: "T") { n lines } }');
      expect(state).toEqual({ n: 3, lines: ['d', 'default'] });
    });

    it('a snapshot reads like plain data: it spreads, serialises, prints, iterates and compares', async () => {
      const seen: unknown[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        const Table = builder.state('Table', {
          vars: (t) => ({ n: t.int({ default: 3 }), lines: t.stringList({ default: ['a', 'b'] }) }),
          backend: () => ({ row: { id: 1, list: [{ x: 1 }] } }),
          computed: (t) => ({
            failed: t.int({
              nullable: true,
              resolve: () => {
                throw new Error('always');
              },
            }),
          }),
        });
        Table.background('work').resolve(async (self) => {
          await self.modifyState((s) => {
            seen.push(inspect(s, { depth: 9, breakLength: 200, compact: 9 }));
          });
          seen.push(
            inspect(self, { depth: 9, breakLength: 200, compact: 9 }),
            { ...self },
            JSON.parse(JSON.stringify(self)),
            Object.keys(self.row),
            [...self.lines].reverse(),
            self.lines.map((line) => line.toUpperCase()),
            Array.isArray(self.lines),
            Object.is(self.row, self.row),
            'n' in self,
            self.lines.concat(['c']),
          );
        });
      });
      await client.run('mutation { tableWork(token: "T") { id } }');
      await noTask(app);
      const whole = { n: 3, lines: ['a', 'b'], row: { id: 1, list: [{ x: 1 }] } };
      expect(seen).toEqual([
        "{ n: 3, lines: [ 'a', 'b' ], row: { id: 1, list: [ { x: 1 } ] } }",
        "{ n: 3, lines: [ 'a', 'b' ], row: { id: 1, list: [ { x: 1 } ] } }",
        whole,
        whole,
        ['id', 'list'],
        ['b', 'a'],
        ['A', 'B'],
        true,
        true,
        true,
        ['a', 'b', 'c'],
      ]);
    });
  });
}
