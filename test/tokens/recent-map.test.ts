import { describe, expect, it } from 'vitest';
import { RecentMap } from '../../src/tokens/recent-map.ts';

const least = 5;

function filled(count: number): RecentMap<number, string> {
  const map = new RecentMap<number, string>(least);
  for (let key = 0; key < count; key += 1) map.set(key, `${key}`);
  return map;
}

describe('a map of what was used last', () => {
  it('keeps so many at least, and never twice as many', () => {
    for (let count = 1; count < 40; count += 1) {
      // A map for each question: what is asked for is used, and moves others out.
      const keys = Array.from({ length: count }, (_, key) => key);
      const kept = keys.filter((key) => filled(count).get(key));
      expect(kept.length).toBeLessThan(2 * least);
      expect(kept.slice(-least)).toEqual(keys.slice(-least));
    }
  });

  it('keeps what is asked for all the time', () => {
    const map = filled(1);
    for (let key = 1; key < 100; key += 1) {
      expect(map.get(0)).toBe('0');
      map.set(key, `${key}`);
    }
    expect(map.get(1)).toBeUndefined();
  });
});
