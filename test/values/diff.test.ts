import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/values/apply.ts';
import { diff } from '../../src/values/diff/diff.ts';
import { settle } from '../../src/values/settle.ts';
import { draftOf, settled } from '../support/draft-of.ts';
import {
  type Edit,
  editArbitrary,
  makeEdit,
  ordered,
  rootArbitrary,
} from '../support/random-edits.ts';

describe('a diff', () => {
  it('leads from one value to the other when it is applied', () => {
    fc.assert(
      fc.property(rootArbitrary, rootArbitrary, (a, b) => {
        const from = settled(a);
        const to = settled(b);
        expect(ordered(apply(from, diff(from, to)))).toEqual(ordered(to));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of random edits leads to their result, also as another node gets it, and is empty only if nothing changed', () => {
    fc.assert(
      fc.property(rootArbitrary, fc.array(editArbitrary, { maxLength: 8 }), (value, edits) => {
        const { node, base, draft } = draftOf(settled(value));
        for (const edit of edits) makeEdit(draft, edit);
        const result = node.snapshot([]);
        const operations = diff(base, result);
        expect(ordered(apply(base, structuredClone(operations)))).toEqual(ordered(result));
        if (operations.length === 0) expect(ordered(base)).toEqual(ordered(result));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, (rows: { id: number }[]) => unknown]>([
    ['shift', (rows) => rows.shift()],
    ['unshift', (rows) => rows.unshift({ id: -1 })],
    ['splice', (rows) => rows.splice(5, 2, { id: -2 })],
    ['push', (rows) => rows.push({ id: -3 })],
    ['a nested write', (rows) => Object.assign(rows[5] as object, { id: -4 })],
  ])('for one %s does not grow with the list', (_name, edit) => {
    const sizes = [10, 10_000].map((length) => {
      const { node, base, draft } = draftOf({
        rows: Array.from({ length }, (_, id) => ({ id })),
      });
      edit(draft.rows);
      return JSON.stringify(diff(base, node.snapshot([]))).length;
    });
    expect(sizes[1]).toBeLessThanOrEqual((sizes[0] ?? 0) + 8);
  });

  it('of rows in which everything changed is no longer than the rows', () => {
    const make = (n: number) =>
      Array.from({ length: 20 }, (_, id) => ({ id, a: n, b: n, c: n, d: n }));
    const [before, after] = [settled(make(1)), settled(make(2))];
    for (const key of [null, 'id']) {
      const operations = diff(before, after, { key });
      expect(apply(before, operations)).toEqual(make(2));
      expect(operations).toHaveLength(1);
    }
  });

  it('of equal values with other identities is empty', () => {
    const value = { a: [{ b: 1 }, { c: [2] }], d: new Date(3) };
    expect(diff(settle(value, []), settle(structuredClone(value), []))).toEqual([]);
  });

  it('merged over several commits equals the sequence of their diffs', () => {
    fc.assert(
      fc.property(
        rootArbitrary,
        fc.array(fc.array(editArbitrary, { maxLength: 4 }), { maxLength: 5 }),
        (value, commits) => {
          const first = settled(value);
          let stepwise: unknown = first;
          let last: unknown = first;
          for (const edits of commits) {
            const next = edited(last as object, edits);
            stepwise = apply(stepwise, structuredClone(diff(last, next)));
            last = next;
          }
          expect(ordered(apply(first, diff(first, last)))).toEqual(ordered(stepwise));
          expect(ordered(stepwise)).toEqual(ordered(last));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

function edited(value: object, edits: readonly Edit[]): object {
  const { node, draft } = draftOf(value);
  for (const edit of edits) makeEdit(draft as never, edit);
  return node.snapshot([]);
}

interface Row {
  readonly id: number;
  readonly n: number;
}

const rowArbitrary: fc.Arbitrary<Row> = fc.record({ id: fc.nat(12), n: fc.nat(2) });

const keyed = (before: unknown, after: unknown) => diff(before, after, { key: 'id' });

describe('a diff of a keyed list', () => {
  it('leads from any list to any other, also where the key is not unique', () => {
    const rows = fc.array(fc.oneof({ weight: 9, arbitrary: rowArbitrary }, fc.nat(3)), {
      maxLength: 12,
    });
    const unique = fc.uniqueArray(rowArbitrary, { selector: ({ id }) => id });
    fc.assert(
      fc.property(fc.oneof(fc.tuple(rows, rows), fc.tuple(unique, unique)), ([a, b]) => {
        const before = settled(a);
        const after = settled(b);
        expect(apply(before, structuredClone(keyed(before, after)))).toEqual(b);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, (rows: Row[]) => unknown]>([
    ['insert at the head', (rows) => rows.unshift({ id: -1, n: 0 })],
    ['move to the head', (rows) => rows.unshift(...rows.splice(7, 1))],
    ['move to the end', (rows) => rows.push(...rows.splice(2, 1))],
    ['move of a run', (rows) => rows.splice(6, 0, ...rows.splice(1, 3))],
    ['swap', (rows) => rows.splice(1, 3, rows[3] as Row, rows[2] as Row, rows[1] as Row)],
    ['removal', (rows) => rows.splice(4, 1)],
    ['write', (rows) => Object.assign(rows[5] as object, { n: -1 })],
    [
      'write and move',
      (rows) => rows.unshift(...rows.splice(8, 1).map((row) => ({ ...row, n: 9 }))),
    ],
    [
      'insert at the head of a list made anew',
      (rows) => rows.splice(0, rows.length, { id: -1, n: 0 }, ...madeAnew(rows)),
    ],
  ])('for one %s does not grow with the list, however the rows were made', (_name, edit) => {
    const sizes = [12, 10_000].map((length) => {
      const { node, base, draft } = draftOf({
        rows: Array.from({ length }, (_, id): Row => ({ id, n: 0 })),
      });
      edit(draft.rows);
      const { rows } = node.snapshot([]) as typeof draft;
      const operations = keyed(base.rows, rows);
      expect(apply(base.rows, operations)).toEqual(rows);
      return JSON.stringify(operations).length;
    });
    expect(sizes[1]).toBeLessThanOrEqual((sizes[0] ?? 0) + 16);
  });

  it('of a reversed list costs its order, not its rows', () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({ id, text: 'x'.repeat(1_000) }));
    const before = settled(rows);
    const operations = keyed(before, settled([...rows].reverse()));
    expect(JSON.stringify(operations).length).toBeLessThan(3_000);
  });
});

function madeAnew(rows: readonly Row[]): Row[] {
  return rows.map(({ id, n }) => ({ id, n }));
}
