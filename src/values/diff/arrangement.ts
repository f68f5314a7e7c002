import type { ChangedRange } from '../../delta/noted-range.ts';
import type { Segment } from '../operation.ts';
import { isObject, type PlainObject } from '../plain.ts';
import { changedRange } from './changed-range.ts';

/** How the rows of a keyed list became those of another. */
export interface Arrangement {
  /** The new list in terms of the old one; null if every row is where it was. */
  readonly segments: readonly Segment[] | null;
  /** Rows of the same key that are not the same object: their old and new places. */
  readonly kept: readonly (readonly [from: number, to: number])[];
}

/**
 * Matches rows by the value of their key. The number of segments follows how
 * many runs of rows moved, were put in or taken out, not how long the list is.
 * A row that has no match, because its key is new or missing, is put in whole.
 */
export function arrangement(
  before: readonly unknown[],
  after: readonly unknown[],
  key: string,
): Arrangement {
  const range = changedRange(before, after);
  const inPlace = keptInPlace(before, after, { range, key });
  if (inPlace) return { segments: null, kept: inPlace };
  const { start, removed, inserted } = range;
  const places = new Map<unknown, number>();
  for (let place = start; place < start + removed; place += 1) {
    const id = keyOf(before[place], key);
    if (id !== undefined) places.set(id, place);
  }
  const segments = new Segments();
  segments.copy(0, start);
  const kept: (readonly [number, number])[] = [];
  for (let to = start; to < start + inserted; to += 1) {
    const row = after[to];
    const from = places.get(keyOf(row, key));
    if (from === undefined) {
      segments.insert(row);
      continue;
    }
    segments.copy(from, 1);
    if (before[from] !== row) kept.push([from, to]);
  }
  segments.copy(start + removed, before.length - start - removed);
  return { segments: segments.unless(before.length), kept };
}

/** The rows that changed, if none has come, gone or moved: as after most events, however far apart the rows are. */
function keptInPlace(
  before: readonly unknown[],
  after: readonly unknown[],
  { range, key }: { readonly range: ChangedRange; readonly key: string },
): Arrangement['kept'] | null {
  if (range.removed !== range.inserted) return null;
  const kept: (readonly [number, number])[] = [];
  for (let place = range.start; place < range.start + range.removed; place += 1) {
    if (before[place] === after[place]) continue;
    const id = keyOf(before[place], key);
    if (id === undefined || id !== keyOf(after[place], key)) return null;
    kept.push([place, place]);
  }
  return kept;
}

function keyOf(row: unknown, key: string): unknown {
  const id = isObject(row) ? (row as PlainObject)[key] : undefined;
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint'
    ? id
    : undefined;
}

/** Segments of a list, neighbours joined. */
class Segments {
  readonly #segments: (['copy', number, number] | ['insert', unknown[]])[] = [];

  copy(from: number, count: number): void {
    if (count === 0) return;
    const last = this.#segments.at(-1);
    if (last?.[0] === 'copy' && last[1] + last[2] === from) last[2] += count;
    else this.#segments.push(['copy', from, count]);
  }

  insert(row: unknown): void {
    const last = this.#segments.at(-1);
    if (last?.[0] === 'insert') last[1].push(row);
    else this.#segments.push(['insert', [row]]);
  }

  /** The segments; null if they are just the `length` rows that were there. */
  unless(length: number): readonly Segment[] | null {
    const [first] = this.#segments;
    const unchanged =
      (length === 0 && first === undefined) ||
      (this.#segments.length === 1 && first?.[0] === 'copy' && first[2] === length);
    return unchanged ? null : this.#segments;
  }
}
