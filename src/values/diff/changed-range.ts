import { type ChangedRange, notedRange, noteRange } from '../../delta/noted-range.ts';
import { isSettled } from '../settle.ts';

type Rows = readonly unknown[];

/**
 * Where two lists differ; rows are told apart by identity. Of settled lists it is noted, so
 * that it is found once for all who ask: V8 reads a frozen list several times slower than others.
 */
export function changedRange(before: Rows, after: Rows): ChangedRange {
  const known = notedRange(before, after);
  if (known) return known;
  const range = findRange(before, after);
  // Others may be changed later, by whoever has made them.
  if (isSettled(before) && isSettled(after)) noteRange(before, after, range);
  return range;
}

/** Says of two settled lists of one length in which places, at least one, they have not the same row. */
export function noteChangedPlaces(before: Rows, after: Rows, places: readonly number[]): void {
  const start = places.reduce((first, place) => Math.min(first, place));
  const last = places.reduce((latest, place) => Math.max(latest, place));
  const count = last - start + 1;
  noteRange(before, after, { start, removed: count, inserted: count });
}

function findRange(before: Rows, after: Rows): ChangedRange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  // Settled values hold no NaN and no -0, for which this would be another question.
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  return { start, removed: before.length - start - end, inserted: after.length - start - end };
}
