import * as fc from 'fast-check';
import { StoreCorruptedError } from 'statewire';
import { expect, it } from 'vitest';
import { decode, encode } from '../../../src/store/redis/codec.ts';
import { isSettled } from '../../../src/values/settle.ts';
import { settled } from '../../support/draft-of.ts';
import { ordered, rootArbitrary } from '../../support/random-edits.ts';

/** Values at the edges of what an encoding may hold, and objects that look like its own. */
const edges = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.date({ noInvalidDate: true }),
  fc.dictionary(
    fc.constantFrom('$', '$$', '$date', '$map', '$set', '$bigint', '$$date', 'a', ''),
    fc.oneof(fc.integer(), fc.bigInt(), fc.constant([])),
  ),
);

it('every value is what it was, and settled', () => {
  fc.assert(
    fc.property(rootArbitrary, fc.array(edges), (root, list) => {
      const value = settled({
        ...{ root, list, set: new Set(list) },
        map: new Map<unknown, unknown>([
          ['key', list],
          [7n, null],
          [0.5, new Map([['a', list]])],
        ]),
      });
      const decoded = decode<{ list: object }>(encode(value), 'it');
      expect(ordered(decoded)).toEqual(ordered(value));
      expect(isSettled(decoded)).toBe(true);
      expect(isSettled(decoded.list)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it('what is plain JSON is sent as it is', () => {
  const value = settled({ a: [1, 'two', { three: null }], $b: true });
  expect(encode(value)).toBe('{"a":[1,"two",{"three":null}],"$$b":true}');
  expect(encode(settled([new Date(5), 7n]))).toBe('[{"$date":5},{"$bigint":"7"}]');
});

it('what nobody has encoded is refused', () => {
  const texts = ['', '{', 'undefined', '{"$x":1}', '{"$map":7}', '{"$map":[1]}', '{"$bigint":"x"}'];
  for (const text of [...texts, '{"__proto__":{"a":1}}', '{"$$a":1,"__proto__":{}}']) {
    expect(() => decode(text, 'it')).toThrow(StoreCorruptedError);
  }
});
