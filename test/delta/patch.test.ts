import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch, PatchMismatchError } from '../../src/delta/apply-patch.ts';
import {
  type ChangedRange,
  makeNotable,
  notedRange,
  noteRange,
} from '../../src/delta/noted-range.ts';
import type { Patch } from '../../src/delta/patch.ts';
import { writePatch } from '../../src/delta/write-patch.ts';

/** What a client has of what a server sends. */
function received<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value ?? null)) as Value;
}

function patchOf(before: unknown, after: unknown): Patch | undefined {
  const patch = writePatch(before, after);
  return patch === undefined ? undefined : (JSON.parse(patch) as Patch);
}

function patched(before: unknown, after: unknown): unknown {
  const patch = patchOf(before, after);
  return patch === undefined ? received(before) : applyPatch(received(before), patch);
}

const text = fc.oneof(
  fc.constantFrom('', 'a', 'b'),
  fc.string({ unit: 'grapheme', minLength: 12, maxLength: 40 }),
);

const leaf = fc.oneof(
  text,
  fc.constantFrom<unknown>(null, undefined, true, false, 0, -0, 1, 1.5, new Date(0), new Date(1)),
);

const row = fc.record(
  {
    id: fc.oneof(fc.nat(9), fc.nat(9).map(String)),
    text,
    tags: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
  },
  { requiredKeys: ['id'] },
);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(row, { maxLength: 8 }),
    fc.uniqueArray(row, { maxLength: 9, selector: ({ id }) => id }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '0', '__proto__'), tie('value'), { maxKeys: 4 }),
  ),
}));

/** Edits of a list of rows, by the places they are done at. */
const edit = fc.record({
  kind: fc.constantFrom('insert', 'remove', 'move', 'write', 'make anew'),
  at: fc.nat(40),
  to: fc.nat(40),
  count: fc.integer({ min: 1, max: 4 }),
});

interface Row {
  readonly id: number;
  readonly text: string;
}

interface Edit {
  readonly kind: string;
  readonly at: number;
  readonly to: number;
  readonly count: number;
}

function edited(rows: readonly Row[], { kind, at, to, count }: Edit): Row[] {
  const list = [...rows];
  const place = at % (list.length + 1);
  if (kind === 'insert') {
    const first = Math.max(0, ...rows.map(({ id }) => id)) + 1;
    const made = Array.from({ length: count }, (_, n) => ({ id: first + n, text: 'a new row' }));
    list.splice(place, 0, ...made);
  } else if (kind === 'remove') list.splice(place, count);
  else if (kind === 'move') {
    const run = list.splice(place, count);
    list.splice(to % (list.length + 1), 0, ...run);
  } else if (list[place]) {
    list[place] = { ...list[place], text: kind === 'write' ? `text ${to}` : list[place].text };
  }
  return list;
}

/** Where two lists differ, and so many rows more at both ends. */
function rangeOf(before: readonly Row[], after: readonly Row[], wider: number): ChangedRange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  start = Math.max(0, start - wider);
  end = Math.max(0, end - wider);
  return { start, removed: before.length - start - end, inserted: after.length - start - end };
}

describe('a patch', () => {
  it('leads from one value to the other, over JSON', () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(patched(before, after)).toEqual(received(after));
      }),
      { numRuns: 5_000 },
    );
  });

  it('leads from rows to the same rows after edits', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.array(edit, { maxLength: 6 }), (length, edits) => {
        const before = Array.from({ length }, (_, id) => ({ id, text: `the row ${id}` }));
        const after = edits.reduce<Row[]>(edited, before);
        expect(patched({ before }, { before: after })).toEqual(received({ before: after }));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is the same, whether it was noted where the rows differ or not', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), fc.nat(9), (edits, wider) => {
        const before = Array.from({ length: 90 }, (_, id) => ({ id, text: `the row ${id}` }));
        const after = edits.reduce<Row[]>(edited, before);
        const patch = patchOf(before, after);
        noteRange(before, after, rangeOf(before, after, wider));
        expect(notedRange(before, after)).toBeNull();
        for (const rows of [before, after]) makeNotable(rows);
        noteRange(before, after, rangeOf(before, after, wider));
        expect(notedRange(before, after)).not.toBeNull();
        expect(patchOf(before, after)).toEqual(patch);
        expect(notedRange(after, before)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it('looks at no row outside of a noted range', () => {
    const before = Array.from({ length: 90 }, (_, id) => ({ id, text: 'x' }));
    const after = before.with(5, { id: 5, text: 'y' });
    for (const rows of [before, after]) makeNotable(rows);
    noteRange(before, after, { start: 4, removed: 3, inserted: 3 });
    // Nobody may do this; else it could not be seen.
    after[80] = { id: 80, text: 'z' };
    expect(patchOf(before, after)).toEqual({ 5: { text: 'y' } });
  });

  it('of rows that are far apart names both, and nothing between them', () => {
    const many = Array.from({ length: 20_000 }, (_, id) => ({ id, text: 'x' }));
    const after = many.with(0, { id: 0, text: 'y' }).with(19_999, { id: 19_999, text: 'z' });
    expect(patchOf(many, after)).toEqual({ 0: { text: 'y' }, 19999: { text: 'z' } });
  });

  it('of equal values is none', () => {
    fc.assert(
      fc.property(value, (before) => {
        expect(patchOf(before, structuredClone(before))).toBeUndefined();
      }),
    );
    // What has no JSON is none of them.
    for (const nothing of [undefined, () => {}, Symbol('s')]) {
      expect(patchOf({ a: 1, b: nothing }, { a: 1 })).toBeUndefined();
      expect(patchOf([{ a: 1, b: nothing }], [{ a: 1 }])).toBeUndefined();
      expect(patchOf([{ a: 1 }], [{ a: 1, b: nothing }])).toBeUndefined();
    }
  });

  const rows = Array.from({ length: 200 }, (_, id) => ({
    id: `row-${id}`,
    text: 'x',
    done: false,
  }));

  it.each<[string, (list: typeof rows) => unknown, Patch]>([
    ['a write', (list) => Object.assign(list[7] ?? {}, { done: true }), { 7: { done: true } }],
    ['a removal', (list) => list.splice(7, 1), [7, 1]],
    ['a move', (list) => list.splice(50, 0, ...list.splice(7, 1)), [[7, 1], 50]],
    ['a move of a run', (list) => list.splice(0, 0, ...list.splice(90, 9)), [[90, 9], 0]],
    [
      'two removals',
      (list) => [list.splice(50, 1), list.splice(7, 2)],
      [
        [50, 1],
        [7, 2],
      ],
    ],
    [
      'a removal and a write',
      (list) => [Object.assign(list[50] ?? {}, { done: true }), list.splice(7, 1)],
      [[7, 1], { 49: { done: true } }],
    ],
  ])('of %s in a list names what changed, and no row', (_name, change, patch) => {
    const after = structuredClone(rows);
    change(after);
    expect(patchOf(rows, after)).toEqual(patch);
  });

  it('of a list in another order is not longer than the list', () => {
    const after = rows.map((_, place) => rows[(place * 77) % rows.length]);
    const patch = patchOf(rows, after);
    expect(applyPatch(rows, patch as Patch)).toEqual(after);
    expect(JSON.stringify(patch).length).toBeLessThan(JSON.stringify(after).length + 12);
  });

  it.each<[string, (place: number) => boolean]>([
    ['every second row', (place) => place % 2 === 0],
    ['all but one', (place) => place === 7],
  ])('that leaves %s of many takes no longer than the rows', (_name, stays) => {
    const many = Array.from({ length: 20_000 }, (_, id) => ({ id, text: 'x' }));
    const after = many.filter((_, place) => stays(place));
    const patch = patchOf(many, after) as Patch;
    expect(applyPatch(many, patch)).toEqual(after);
    expect(JSON.stringify(patch).length).toBeLessThan(JSON.stringify(after).length + 20);
  });

  it('of more rows than a call has arguments moves and inserts them', () => {
    const many = Array.from({ length: 300_000 }, (_, id) => ({ id }));
    const rotated = [...many.slice(150_000), ...many.slice(0, 150_000)];
    expect(applyPatch(many, patchOf(many, rotated) as Patch)).toEqual(rotated);
    expect(applyPatch([0], patchOf([0], [...many, 0]) as Patch)).toHaveLength(300_001);
  });

  it('of what lies deep is sent as a whole, and takes no longer the deeper it is', () => {
    const nest = (depth: number, leaf: unknown) => {
      let value = leaf;
      for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
      return value;
    };
    for (const depth of [20, 30, 900, 3_000]) {
      const [before, after] = [nest(depth, 1), nest(depth, 2)];
      expect(JSON.stringify(patched(before, after))).toBe(JSON.stringify(after));
      expect(patchOf(before, nest(depth, 1))).toBeUndefined();
    }
    // The same in JSON, and not the same before it.
    const pairs = [
      [-0, 0],
      [new Date(0), new Date(0).toJSON()],
    ] as const;
    for (const [one, other] of pairs) {
      for (let depth = 20; depth < 30; depth += 1) {
        const [before, after] = [nest(depth, [one]), nest(depth, [other])];
        expect(patched(before, after)).toEqual(received(after));
        // From some depth on text is compared, which is the same.
        if (depth > 26) expect(patchOf(before, after)).toBeUndefined();
      }
    }
  });

  it('of an insertion in a long text is the insertion', () => {
    const before = 'The quick brown fox jumps over the lazy dog.';
    expect(patchOf(before, before.replace('lazy', 'very lazy'))).toEqual([35, 0, 'very ']);
  });

  it('leaves alone what it does not name: it is the same object after it', () => {
    const before = { list: rows, other: { a: 1 } };
    const after = applyPatch(before, { list: { 3: { done: true } } }) as typeof before;
    expect(after.other).toBe(before.other);
    expect(after.list[4]).toBe(rows[4]);
    expect(after.list[3]).toEqual({ ...rows[3], done: true });
    expect(before.list[3]?.done).toBe(false);
  });

  it.each<[unknown, Patch]>([
    [{}, { a: { b: 1 } }],
    [{ a: 1 }, { a: [0, 1, 'x'] }],
    [{ a: [1] }, { a: [1, 1, 2] }],
    [{ a: [1] }, { a: { 1: 2 } }],
    [{ a: [1] }, { a: [-1, 1] }],
    [{ a: [1] }, { a: [0.5, 0] }],
    [{ a: [1] }, { a: [[0, 2], 0] }],
    [{ a: [1] }, { a: [[0, 1], 1] }],
    [{ a: 'text' }, { a: [3, 5] }],
    [
      { a: 'text' },
      {
        a: [
          [0, 1],
          [0, 1],
        ],
      },
    ],
    [{ a: [1] }, { a: { x: 1 } }],
    [{ a: [1] }, { a: { '': 1 } }],
    [{ a: [1, 2, 3] }, { a: [2, -1] }],
    [{ a: 'abcdefgh' }, { a: [4, -2] }],
    [{ a: [[1]] }, { a: { 0: [] } }],
    [{}, []],
    [{}, JSON.parse('{"__proto__":{"polluted":1}}')],
  ])('that does not fit %j is refused: %j', (before, patch) => {
    expect(() => applyPatch(before, patch)).toThrow(PatchMismatchError);
  });
});
