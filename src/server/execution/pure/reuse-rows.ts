import type { PureOutput } from './pure-output.ts';
import { unfrozenRows } from './unfrozen-rows.ts';

type Rows = readonly unknown[];

/** A list of a previous result, and the rows it was made of. */
interface PreviousRows {
  readonly results: Rows;
  readonly sources: Rows;
}

/** Among more rows than these, the one that a row was is looked up in a Map. */
const maxSearched = 8;

/** A call must not have more. */
const maxArguments = 10_000;

/**
 * The results of rows; a row that the previous list had, wherever, has the same result again.
 * Costs a copy of the list, and the work on what changed.
 */
export function reuseRows(list: Rows, previous: PreviousRows, item: PureOutput): Rows {
  const rows = unfrozenRows(list);
  const { results } = previous;
  const sources = unfrozenRows(previous.sources);
  return rows.length === sources.length
    ? inPlace(rows, { results, sources }, item)
    : shifted(rows, { results, sources }, item);
}

/** None has come or gone, so that a row is likely to be the one that stood in its place. */
function inPlace(rows: Rows, { results, sources }: PreviousRows, item: PureOutput): Rows {
  const changed: number[] = [];
  for (let place = 0; place < rows.length; place += 1) {
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
function shifted(rows: Rows, { results, sources }: PreviousRows, item: PureOutput): Rows {
  const shorter = Math.min(rows.length, sources.length);
  let start = 0;
  while (start < shorter && rows[start] === sources[start]) start += 1;
  let end = rows.length;
  let oldEnd = sources.length;
  while (end > start && oldEnd > start && rows[end - 1] === sources[oldEnd - 1]) {
    end -= 1;
    oldEnd -= 1;
  }
  const gone = Array.from({ length: oldEnd - start }, (_, place) => start + place);
  const find = end > start ? finderOf(gone, sources) : null;
  const made = rows.slice(start, end).map((row) => {
    const found = find?.(row);
    return found === undefined ? item.inside(row, undefined, undefined) : results[found];
  });
  if (made.length > maxArguments) {
    return results.slice(0, start).concat(made, results.slice(oldEnd));
  }
  const copy = results.slice();
  copy.splice(start, oldEnd - start, ...made);
  return copy;
}

/** Finds at which of the places a row was. */
function finderOf(places: readonly number[], sources: Rows): (row: unknown) => number | undefined {
  if (places.length <= maxSearched) return (row) => places.find((place) => sources[place] === row);
  const byRow = new Map(places.map((place) => [sources[place], place]));
  return (row) => byRow.get(row);
}
