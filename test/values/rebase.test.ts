import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/values/apply.ts';
import { rebase } from '../../src/values/diff/rebase.ts';
import { settle } from '../../src/values/settle.ts';
import { draftOf, settled } from '../support/draft-of.ts';
import { editArbitrary, makeEdit, rootArbitrary } from '../support/random-edits.ts';

const rebased = (before: unknown, after: unknown) => rebase(before, after, { path: [], key: null });

/** Expects the same parts in the same order, and every object of `before` that the other has in its place. */
function expectToShare(value: unknown, applied: unknown, before: unknown): void {
  const known = new Set(objectsIn(before));
  const look = (part: unknown, other: unknown): void => {
    if (typeof other !== 'object' || other === null) expect(part).toBe(other);
    else if (known.has(other)) expect(part).toBe(other);
    else {
      const [parts, others] = [partsOf(part as object), partsOf(other)];
      expect(parts.map(([key]) => key)).toEqual(others.map(([key]) => key));
      for (const [place, [, child]] of others.entries()) look(parts[place]?.[1], child);
    }
  };
  look(value, applied);
}

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...partsOf(value).flatMap(([, part]) => objectsIn(part))];
}

function partsOf(value: object): (readonly [unknown, unknown])[] {
  if (value instanceof Date) return [['time', value.getTime()]];
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value].map((member, place) => [place, member]);
  return Object.entries(value);
}

describe('a value that follows another', () => {
  it('is the one that its operations make, with the same objects of the old one and the same order of keys', () => {
    const check = (before: unknown, after: unknown) => {
      const { value, operations } = rebased(before, after);
      expectToShare(value, apply(before, operations), before);
      const placed = rebase({ v: before }, { v: after }, { path: ['S'], key: null });
      const inside = rebase(before, after, { path: ['S', 'v'], key: null });
      const { v } = placed.value as { v: unknown };
      expect(inside).toEqual({ value: v, operations: placed.operations });
    };
    fc.assert(
      fc.property(rootArbitrary, fc.array(editArbitrary, { maxLength: 6 }), (value, edits) => {
        const { node, base, draft } = draftOf(settled(value));
        for (const edit of edits) makeEdit(draft, edit);
        const after = node.snapshot([]);
        check(base, after);
        // Nothing is shared.
        check(base, settled(after));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(rootArbitrary, rootArbitrary, (a, b) => check(settled(a), settled(b))),
      { numRuns: 2_000 },
    );
  });

  it('is the one a draft made, if that shares all that it can', () => {
    const rows = Array.from({ length: 10 }, (_, id) => ({ id, tags: ['a'] }));
    const { node, base, draft } = draftOf({ rows, other: { a: 1 } });
    draft.rows[3]?.tags.push('b');
    const after = node.snapshot([]);
    expect(rebased(base, after).value).toBe(after);
  });

  it.each<[string, unknown, unknown]>([
    ['other objects in it are equal', { a: { b: 1 }, c: 1 }, { a: { b: 1 }, c: 2 }],
    ['its keys have another order', { a: 1, b: 1 }, { b: 1, a: 2 }],
    ['a new key is not the last one', { a: 1 }, { b: 1, a: 2 }],
    ['a Date in it is equal', { a: new Date(1), b: 1 }, { a: new Date(1), b: 2 }],
    ['a row of it is equal', [{ a: 1 }, 1], [{ a: 1 }, 2]],
  ])('is made of the old one if %s', (_, a, b) => {
    const [before, after] = [settle(a, []), settle(b, [])];
    const { value, operations } = rebased(before, after);
    expect(value).toEqual(after);
    expect(value).not.toBe(after);
    expectToShare(value, apply(before, operations), before);
  });

  it('is the old one if it is equal', () => {
    const before = settle({ a: [{ b: 1 }], c: new Map([['d', 1]]) }, []);
    expect(rebased(before, settled(before)).value).toBe(before);
  });
});
