import * as fc from 'fast-check';
import { create } from 'mutative';
import { describe, expect, it } from 'vitest';
import { readOnly } from '../../src/values/read-only.ts';
import { settle } from '../../src/values/settle.ts';
import { draftOf, settled } from '../support/draft-of.ts';
import {
  editArbitrary,
  makeEdit,
  ordered,
  type Root,
  rootArbitrary,
} from '../support/random-edits.ts';

describe('a draft', () => {
  it('ends as the same edits of plain data and of mutative do, and leaves its base alone', () => {
    fc.assert(
      fc.property(rootArbitrary, fc.array(editArbitrary, { maxLength: 12 }), (value, edits) => {
        const base = settled(value);
        const before = structuredClone(base);
        const { node, draft } = draftOf(base);
        const plain = structuredClone(base);
        const oracle = create(structuredClone(base) as object, (mutable) => {
          for (const edit of edits) makeEdit(mutable as Root, edit);
        });
        for (const edit of edits) {
          makeEdit(draft, edit);
          makeEdit(plain, edit);
        }
        const result = node.snapshot([]);
        expect(ordered(result)).toEqual(ordered(plain));
        expect(ordered(result)).toEqual(ordered(oracle));
        expect(ordered(base)).toEqual(ordered(before));
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives the same whether it is flushed in between or not', () => {
    fc.assert(
      fc.property(
        rootArbitrary,
        fc.array(fc.tuple(editArbitrary, fc.boolean()), { maxLength: 12 }),
        (value, steps) => {
          const { node, draft } = draftOf(settled(value));
          const plain = structuredClone(value) as Root;
          for (const [edit, flush] of steps) {
            makeEdit(draft, edit);
            makeEdit(plain, edit);
            if (flush) expect(ordered(node.snapshot([]))).toEqual(ordered(plain));
          }
          expect(ordered(node.snapshot([]))).toEqual(ordered(plain));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('shares with its base what was not changed', () => {
    const base = settle({ kept: { a: [1, 2] }, changed: { b: 1 } }, []) as never;
    const { node, draft } = draftOf<{ kept: { a: number[] }; changed: { b: number } }>(base);
    expect(draft.kept.a[0]).toBe(1);
    draft.changed.b = 2;
    const result = node.snapshot([]) as typeof draft;
    expect(result.kept).toBe((base as typeof draft).kept);
    expect(Object.isFrozen(result.changed)).toBe(true);
  });

  it('that was only read, or set to what it was, is the base itself', () => {
    const { node, base, draft } = draftOf({ list: [{ a: 1 }], n: 1 });
    for (const row of draft.list) row.a = Number(row.a);
    draft.n = 1;
    const [first] = draft.list;
    if (first) draft.list[0] = first;
    expect(node.written).toBe(false);
    expect(node.snapshot([])).toBe(base);
  });

  it('keeps its children alive over a snapshot, also moved, filtered and put elsewhere', () => {
    const { node, draft } = draftOf<{ list: { id: number }[]; picked: { id: number } | null }>({
      list: [{ id: 1 }, { id: 2 }, { id: 3 }],
      picked: null,
    });
    const [one, two, three] = draft.list as [{ id: number }, { id: number }, { id: number }];
    draft.list = draft.list.filter(({ id }) => id !== 2);
    draft.picked = two;
    node.snapshot([]);
    one.id = 10;
    two.id = 20;
    draft.list.reverse();
    node.snapshot([]);
    three.id = 30;
    expect(node.snapshot([])).toEqual({ list: [{ id: 30 }, { id: 10 }], picked: { id: 20 } });
  });

  it('sees what a handler does to an object after putting it in, up to the next flush', () => {
    const { node, draft } = draftOf<{ list: { done: boolean; tags: string[] }[] }>({ list: [] });
    const mine = { done: false, tags: ['a'] };
    draft.list.push(mine);
    mine.done = true;
    draft.list[0]?.tags.push('b');
    mine.tags.push('c');
    expect(node.snapshot([])).toEqual({ list: [{ done: true, tags: ['a', 'b', 'c'] }] });
    mine.done = false; // from here on it is the handler's own again
    draft.list[0]?.tags.push('d');
    expect(node.snapshot([])).toEqual({ list: [{ done: true, tags: ['a', 'b', 'c', 'd'] }] });
    expect(Object.isFrozen(mine)).toBe(false);
    expect(mine.tags).toEqual(['a', 'b', 'c']);
  });

  it('takes read-only views of other snapshots as values', () => {
    const other = readOnly(settle({ rows: [{ id: 1 }] }, []) as { rows: { id: number }[] });
    const { node, draft } = draftOf<{ rows: { id: number }[] }>({ rows: [] });
    draft.rows = [...other.rows];
    const [first] = draft.rows;
    if (first) first.id = 2;
    expect(node.snapshot([])).toEqual({ rows: [{ id: 2 }] });
    expect(other.rows[0]?.id).toBe(1);
  });

  it('does not make a draft of each row that a list method moves', () => {
    const { node, base, draft } = draftOf({
      rows: Array.from({ length: 1_000 }, (_, id) => ({ id })),
    });
    draft.rows.shift();
    draft.rows.unshift({ id: -1 });
    draft.rows.splice(500, 1);
    const { rows } = node.snapshot([]) as typeof draft;
    expect(rows).toHaveLength(999);
    expect(rows[1]).toBe(base.rows[1]);
    expect(rows.at(-1)).toBe(base.rows.at(-1));
  });

  it.each<[string, unknown, RegExp]>([
    ['a function', { f: () => 1 }, /State\.v\.f: a function/],
    ['a symbol', { s: Symbol('x') }, /State\.v\.s: a symbol/],
    ['a class instance', { m: new URL('http://localhost') }, /an instance of URL/],
    ['NaN', [0, Number.NaN], /State\.v\[1\]: NaN is not a JSON number/],
    ['infinity', [Number.POSITIVE_INFINITY], /Infinity/],
    ['undefined in a list', [undefined], /undefined/],
    ['a hole', Object.assign([], { length: 1 }), /a hole/],
    ['a lone surrogate', ['\ud800'], /lone surrogate/],
    ['an invalid Date', [new Date(Number.NaN)], /an invalid Date/],
    ['a reserved key', JSON.parse('{"__proto__": 1}'), /reserved key/],
    ['a constructor key', { constructor: 1 }, /reserved key/],
    ['a symbol key', { [Symbol('k')]: 1 }, /a key that is a symbol/],
  ])('refuses %s with its path', (_name, value, message) => {
    const { node, draft } = draftOf<{ v: unknown }>({ v: 0 });
    draft.v = value;
    expect(() => node.snapshotOf('v', ['State', 'v'])).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ['a symbol', { a: 1, [Symbol('k')]: 2 }, /State\.v: a key that is a symbol/],
    ['reserved', JSON.parse('{"a": 1, "__proto__": {}}'), /State\.v\.__proto__: a reserved key/],
  ])(
    'refuses a key that is %s also in an object that was read since it was put in',
    (_name, value, message) => {
      const { node, draft } = draftOf<{ v: { a: number } }>({ v: { a: 0 } });
      draft.v = value as typeof draft.v;
      draft.v.a += 1;
      expect(() => node.snapshotOf('v', ['State', 'v'])).toThrow(message);
    },
  );

  it('refuses a cycle and nesting without end, and goes on', () => {
    const { node, draft } = draftOf<{ v: unknown }>({ v: 0 });
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    draft.v = cycle;
    expect(() => node.snapshotOf('v', ['State', 'v'])).toThrow(/more than 1000 levels/);
    let deep: unknown = 0;
    for (let i = 0; i < 10_000; i += 1) deep = [deep];
    draft.v = deep;
    expect(() => node.snapshotOf('v', ['State', 'v'])).toThrow(/more than 1000 levels/);
    draft.v = { draft: draft };
    expect(() => node.snapshotOf('v', ['State', 'v'])).toThrow(/more than 1000 levels/);
    draft.v = 1;
    expect(node.snapshot([])).toEqual({ v: 1 });
  });

  it('stores -0 as 0, and leaves out undefined properties, as JSON does', () => {
    const { node, draft } = draftOf<{ v: unknown }>({ v: 0 });
    draft.v = { zero: -0, gone: undefined };
    const { v } = node.snapshot([]) as { v: { zero: number } };
    expect(Object.is(v.zero, 0)).toBe(true);
    expect(Object.keys(v)).toEqual(['zero']);
  });

  it('gives Dates that cannot be changed in place', () => {
    const { node, draft } = draftOf({ at: new Date(0) });
    expect(() => draft.at.setFullYear(2000)).toThrow(/Assign a new Date/);
    const next = new Date(5);
    draft.at = next;
    next.setTime(7); // still the handler's own
    const { at } = node.snapshot([]) as typeof draft;
    expect(at.getTime()).toBe(7);
    next.setTime(9);
    expect(at.getTime()).toBe(7);
  });
});
