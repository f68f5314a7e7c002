import type { MovePatch, SplicePatch } from './patch.ts';

export interface MatchedRows {
  /** What puts every row in its place, those that are new included. */
  readonly steps: readonly (SplicePatch | MovePatch)[];
  /** The rows that both lists have: their places in the old and in the new one. */
  readonly kept: readonly (readonly [from: number, to: number])[];
}

type Id = string | number;

/** More moves than these are not worth the search: each costs the length of the list. */
const maxMoves = 100;

/** Steps times rows beyond which a list is sent whole: a client has to make each of them. */
const maxWork = 20_000_000;

/**
 * Matches the rows of two lists by their `id`. As many rows as possible stay where
 * they are. Places in the steps are counted from `start` on. `without ids` if a row has
 * none, or two have the same; `unlike` if it takes too much to get from one to the other.
 */
export function matchRows(
  before: readonly unknown[],
  after: readonly unknown[],
  start: number,
): MatchedRows | 'without ids' | 'unlike' {
  const inPlace = keptInPlace(before, after);
  if (inPlace) return { steps: [], kept: inPlace };
  const old = placesOf(before);
  const now = placesOf(after);
  if (!old || !now) return 'without ids';
  const ids = [...now.keys()];
  const kept = ids.filter((id) => old.has(id));
  const order = [...old.keys()].filter((id) => now.has(id));
  const moved = moves(order, kept);
  if (!moved) return 'unlike';
  const steps = [
    ...removals([...old.keys()], now).map(([at, count]) => [start + at, count] as const),
    ...moved.map(([[from, count], to]) => [[start + from, count], start + to] as const),
    ...runs(ids, (id) => !old.has(id)).map(
      ([at, count]) => [start + at, 0, ...after.slice(at, at + count)] as const,
    ),
  ];
  if (steps.length * before.length > maxWork) return 'unlike';
  return { steps, kept: kept.map((id) => [old.get(id) ?? 0, now.get(id) ?? 0]) };
}

/** The rows that may have changed, if none has come, gone or moved: as after most events, however far apart the rows are. */
function keptInPlace(
  before: readonly unknown[],
  after: readonly unknown[],
): MatchedRows['kept'] | null {
  if (before.length !== after.length) return null;
  const kept: (readonly [number, number])[] = [];
  for (let place = 0; place < after.length; place += 1) {
    if (before[place] === after[place]) continue;
    const id = idOf(before[place]);
    if (id === undefined || id !== idOf(after[place])) return null;
    kept.push([place, place]);
  }
  return kept;
}

function placesOf(rows: readonly unknown[]): ReadonlyMap<Id, number> | null {
  const places = new Map<Id, number>();
  for (const [place, row] of rows.entries()) {
    const id = idOf(row);
    if (id === undefined) return null;
    places.set(id, place);
  }
  return places.size === rows.length ? places : null;
}

function idOf(row: unknown): Id | undefined {
  const id = typeof row === 'object' && row !== null ? (row as { id?: unknown }).id : undefined;
  return typeof id === 'string' || Number.isFinite(id) ? (id as Id) : undefined;
}

/** Runs of rows that are gone, the last one first: so each place is still what it was. */
function removals(ids: readonly Id[], now: ReadonlyMap<Id, number>): (readonly [number, number])[] {
  return runs(ids, (id) => !now.has(id)).reverse();
}

/** Neighbours that are alike: where they begin, and how many they are. */
function runs(ids: readonly Id[], wanted: (id: Id) => boolean): (readonly [number, number])[] {
  const found: [at: number, count: number][] = [];
  for (const [place, id] of ids.entries()) {
    if (!wanted(id)) continue;
    const last = found.at(-1);
    if (last && last[0] + last[1] === place) last[1] += 1;
    else found.push([place, 1]);
  }
  return found;
}

/**
 * The moves that lead from one order of the same ids to another. Those of a
 * longest rising run stay; each other one is put behind the one it shall follow,
 * together with those that follow it already.
 */
function moves(order: readonly Id[], wanted: readonly Id[]): readonly MovePatch[] | null {
  const places = new Map(order.map((id, place) => [id, place]));
  const stay = longestRising(wanted.map((id) => places.get(id) ?? 0));
  let list = [...order];
  const found: MovePatch[] = [];
  for (let place = 0; place < wanted.length; place += 1) {
    if (stay.has(place)) continue;
    if (found.length === maxMoves) return null;
    const from = list.indexOf(wanted[place] as Id);
    let count = 1;
    while (!stay.has(place + count) && isNext(list[from + count], wanted[place + count]))
      count += 1;
    const run = list.slice(from, from + count);
    list = [...list.slice(0, from), ...list.slice(from + count)];
    const to = place === 0 ? 0 : list.indexOf(wanted[place - 1] as Id) + 1;
    list = [...list.slice(0, to), ...run, ...list.slice(to)];
    found.push([[from, count], to]);
    place += count - 1;
  }
  return found;
}

function isNext(id: Id | undefined, wanted: Id | undefined): boolean {
  return id !== undefined && id === wanted;
}

/** The places of a longest subsequence that rises. */
function longestRising(numbers: readonly number[]): ReadonlySet<number> {
  /** For each length, the place where the subsequence of it with the lowest end ends. */
  const ends: number[] = [];
  const previous: number[] = [];
  for (const [place, number] of numbers.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[ends[middle] as number] as number) < number) low = middle + 1;
      else high = middle;
    }
    previous[place] = low > 0 ? (ends[low - 1] as number) : -1;
    ends[low] = place;
  }
  const rising = new Set<number>();
  for (let place = ends.at(-1) ?? -1; place >= 0; place = previous[place] as number) {
    rising.add(place);
  }
  return rising;
}
