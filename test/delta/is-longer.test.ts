import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isLonger } from '../../src/delta/is-longer.ts';

const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.double(),
  fc.constantFrom<unknown>(null, undefined, true, 0, new Date(0), () => 1, Symbol('s')),
  fc.constantFrom<unknown>({ toJSON: () => 1 }, { toJSON() {} }, new Map(), Object('text')),
);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 4 }),
  ),
}));

it('the text of a value is longer than so many characters, or not, as JSON says', () => {
  fc.assert(
    fc.property(value, fc.nat(60), (any, length) => {
      const text = JSON.stringify(any) ?? 'null';
      expect(isLonger(any, length)).toBe(text.length > length);
      expect(isLonger(any, text.length)).toBe(false);
      expect(isLonger(any, text.length - 1)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});
