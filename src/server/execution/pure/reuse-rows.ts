import { type ChangedRange, makeNotable, noteRange } from '../../../delta/noted-range.ts';
import { changedRange } from '../../../values/diff/changed-range.ts';
import type { PureOutput } from './pure-output.ts';

type Rows = readonly unknown[];

/** A list of a previous result, and the rows it was made of. */
interface PreviousRows {
  readonly results: Rows;
  readonly sources: Rows;
}

/** Where the rows are to be made: those of {@link ChangedRange}. */
interface Change extends PreviousRows {
  readonly range: ChangedRange;
}

/** Among more rows than these, the one that a row was is looked up in a Map. */
const maxSearched = 8;

/** A call must not have more. */
const maxArguments = 10_000;

/**
 * The results of rows; a row that the previous list had, wherever, has the same result again.
 * Costs a copy of the list, and the work on what changed.
 */
export function reuseRows(rows: Rows, previous: PreviousRows, item: PureOutput): Rows {
  const range = changedRange(previous.sources, rows);
  // Not of a spread, which takes as long as the work on a row.
  const change = { results: previous.results, sources: previous.sources, range };
  const made =
    range.removed === range.inserted ? inPlace(rows, change, item) : shifted(rows, change, item);
  makeNotable(made);
  noteRange(previous.results, made, range);
  return made;
}

/** None has come or gone, so that a row is likely to be the one that stood in its place. */
function inPlace(rows: Rows, { results, sources, range }: Change, item: PureOutput): Rows {
  const changed: number[] = [];
  for (let place = range.start; place < range.start + range.removed; place += 1) {
    if (rows[place] !== sources[place]) changed.push(place);
  }
  const find = finderOf(changed, sources);
  const made = results.slice();
  for (const place of changed) {
    const row = rows[place];
    const found = find(row);
    made[place] =
      found === undefined ? item.inside(row, results[place], sources[place]) : results[found];
  }
  return made;
}

/** What both lists begin and end with is the same; what is between is looked up. */
function shifted(rows: Rows, { results, sources, range }: Change, item: PureOutput): Rows {
  const { start, removed, inserted } = range;
  const gone = Array.from({ length: removed }, (_, place) => start + place);
  const find = inserted > 0 ? finderOf(gone, sources) : null;
  const made = rows.slice(start, start + inserted).map((row) => {
    const found = find?.(row);
    return found === undefined ? item.inside(row, undefined, undefined) : results[found];
  });
  if (made.length > maxArguments) {
    return results.slice(0, start).concat(made, results.slice(start + removed));
  }
  const copy = results.slice();
  copy.splice(start, removed, ...made);
  return copy;
}

/** Finds at which of the places a row was. */
function finderOf(places: readonly number[], sources: Rows): (row: unknown) => number | undefined {
  if (places.length <= maxSearched) return (row) => places.find((place) => sources[place] === row);
  const byRow = new Map(places.map((place) => [sources[place], place]));
  return (row) => byRow.get(row);
}
