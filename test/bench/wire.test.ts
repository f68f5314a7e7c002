import { expect, it } from 'vitest';
import { measureWire } from './wire/measure.ts';

it('a change of 200 todos takes at most 200 bytes on the wire', async () => {
  const rows = await measureWire();
  expect(rows.map(({ change }) => change)).toEqual([
    ...['add', 'toggle', 'move', 'remove', 'insert at head'],
  ]);
  for (const { delta, whole } of rows) {
    expect(whole).toBeGreaterThan(10_000);
    expect(delta).toBeLessThanOrEqual(200);
  }
});
