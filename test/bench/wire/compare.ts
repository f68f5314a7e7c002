import type { Figure } from '../figure.ts';
import { printTable } from '../table.ts';
import { measureWire } from './measure.ts';

/** Bytes of differences between results, beside whole ones. */
export async function compareWire(): Promise<Figure[]> {
  const rows = await measureWire();
  printTable([
    ['200 todos, bytes', 'whole', 'permessage-deflate', 'delta'],
    ...rows.map(({ change, whole, deflated, delta }) => [
      change,
      ...[whole, deflated, delta].map(String),
    ]),
  ]);
  const bytes = rows.map(({ delta }) => delta);
  const [low, high] = [Math.min(...bytes), Math.max(...bytes)];
  return [{ figure: 'delta_bytes', value: high, low, high, mustReach: 200, beat: null }];
}
