import * as fc from 'fast-check';
import { StoreCorruptedError } from 'statewire';
import { expect, it } from 'vitest';
import { decode, encode } from '../../../src/store/lmdb/codec.ts';
import { isSettled } from '../../../src/values/settle.ts';
import { settled } from '../../support/draft-of.ts';
import { ordered, rootArbitrary } from '../../support/random-edits.ts';

/** Values at the edges of what an encoding may hold. */
const edges = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.date({ noInvalidDate: true }),
);

const key = Buffer.from('token 1');

it('every value is what it was, and settled', () => {
  fc.assert(
    fc.property(rootArbitrary, fc.array(edges), (root, list) => {
      const value = settled({ root, list, map: new Map([['key', list]]), set: new Set(list) });
      const decoded = decode<object>(encode(value, key), key, 'it');
      expect(ordered(decoded)).toEqual(ordered(value));
      expect(isSettled(decoded)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it('a byte that is not as it was written is seen, and one that is missing, and a record of another place', () => {
  fc.assert(
    fc.property(rootArbitrary, fc.nat(), fc.integer({ min: 1, max: 255 }), (root, at, flip) => {
      const bytes = encode(settled(root), key);
      const damaged = Buffer.from(bytes);
      const place = at % damaged.length;
      damaged[place] = (damaged[place] ?? 0) ^ flip;
      expect(() => decode(bytes, Buffer.from('token 2'), 'it')).toThrow(StoreCorruptedError);
      expect(() => decode(damaged, key, 'it')).toThrow(StoreCorruptedError);
      expect(() => decode(bytes.subarray(0, place), key, 'it')).toThrow(StoreCorruptedError);
    }),
    { numRuns: 1_000 },
  );
});
