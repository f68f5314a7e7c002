import { isLonger } from './is-longer.ts';
import {
  isNothing,
  isObject,
  isPlain,
  isSame,
  ownField,
  type PlainObject,
  textOf,
} from './json-form.ts';
import { type MatchedRows, matchRows } from './match-rows.ts';
import { notedRange } from './noted-range.ts';
import type { ListPatch, Patch, PatchOfParts, SplicePatch } from './patch.ts';

/** Strings shorter than this are not worth a splice. */
const minSplicedLength = 16;

/**
 * What lies deeper is compared as text, and sent whole. Lists compare their rows to the
 * bottom before they look into them, so the work would grow with the square of the depth.
 */
const maxDepth = 24;

type Rows = readonly unknown[];

/**
 * The patch that leads from the JSON form of one value to that of another;
 * undefined if they are the same, since null is a patch too. It is short rather
 * than the shortest: parts that are the same object are not entered, rows of
 * lists are told apart by their `id` if all have one, else by their place.
 */
export function diffValues(before: unknown, after: unknown, depth = 0): Patch | undefined {
  if (Object.is(before, after)) return undefined;
  if (depth > maxDepth) return textOf(before) === textOf(after) ? undefined : replacedBy(after);
  if (isList(before) && isList(after)) return diffLists(before, after, depth);
  if (isPlain(before) && isPlain(after)) return diffFields(before, after, depth);
  if (typeof before === 'string' && typeof after === 'string') return diffStrings(before, after);
  return isSame(before, after) ? undefined : replacedBy(after);
}

function replacedBy(value: unknown): Patch {
  if (isObject(value)) return [value];
  return isNothing(value) ? null : (value as Patch);
}

function diffFields(before: PlainObject, after: PlainObject, depth: number): Patch | undefined {
  const parts: [name: string, Patch][] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    // It cannot be patched: assigned, it would become the object's prototype.
    if (name === '__proto__') return isSame(before, after) ? undefined : [after];
    const patch = diffField(ownField(before, name), ownField(after, name), depth);
    if (patch !== undefined) parts.push([name, patch]);
  }
  return parts.length > 0 ? Object.fromEntries(parts) : undefined;
}

function diffField(before: unknown, after: unknown, depth: number): Patch | undefined {
  if (isNothing(after)) return isNothing(before) ? undefined : [];
  return isNothing(before) ? replacedBy(after) : diffValues(before, after, depth + 1);
}

function diffStrings(before: string, after: string): Patch {
  const shorter = Math.min(before.length, after.length);
  if (shorter < minSplicedLength) return after;
  const { start, end } = commonCharacters(before, after);
  const inserted = after.slice(start, after.length - end);
  const removed = before.length - start - end;
  const patch: SplicePatch = inserted ? [start, removed, inserted] : [start, removed];
  return isLonger(after, textOf(patch).length) ? patch : after;
}

/** The part of two lists between rows that are the same at both ends. */
interface Middle {
  readonly start: number;
  readonly before: Rows;
  readonly after: Rows;
  readonly depth: number;
}

function diffLists(before: Rows, after: Rows, depth: number): Patch | undefined {
  const middle = { ...trimmed(before, after), depth };
  if (middle.before.length === 0 && middle.after.length === 0) return undefined;
  const whole: SplicePatch = [middle.start, middle.before.length, ...middle.after];
  if (middle.before.length === 0 || middle.after.length === 0) return whole;
  const steps = stepsOf(middle);
  if (!steps) return whole;
  // They differ by no more than their text says nothing of.
  if (steps.length === 0) return undefined;
  const [first] = steps;
  const patch = steps.length === 1 && first ? first : steps;
  return isLonger(whole, textOf(patch).length) ? patch : whole;
}

function trimmed(before: Rows, after: Rows): Omit<Middle, 'depth'> {
  const noted = notedRange(before, after);
  if (noted) {
    const { start, removed, inserted } = noted;
    const old = before.slice(start, start + removed);
    const inner = trimmed(old, after.slice(start, start + inserted));
    return { ...inner, start: start + inner.start };
  }
  const { start, end } = commonRows(before, after);
  return {
    start,
    before: before.slice(start, before.length - end),
    after: after.slice(start, after.length - end),
  };
}

/** How many parts are the same at the beginning, and how many of the rest at the end. */
interface Ends {
  readonly start: number;
  readonly end: number;
}

function commonCharacters(before: string, after: string): Ends {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return { start, end };
}

function commonRows(before: Rows, after: Rows): Ends {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSameRow(before[start], after[start])) start += 1;
  let end = 0;
  let oldPlace = before.length - 1;
  let place = after.length - 1;
  while (end < shorter - start && isSameRow(before[oldPlace], after[place])) {
    end += 1;
    oldPlace -= 1;
    place -= 1;
  }
  return { start, end };
}

/** Most rows of a long list are the same objects: it is a short function, so that V8 puts it into the loops. */
function isSameRow(before: unknown, after: unknown): boolean {
  return before === after || isSame(before, after);
}

/** What leads from one middle to the other; null if all of it may as well be sent. */
function stepsOf({ start, before, after, depth }: Middle): readonly ListPatch[] | null {
  const matched = matchRows(before, after, start);
  if (matched === 'unlike') return null;
  if (matched === 'without ids' && before.length !== after.length) return null;
  const { kept, steps } = matched === 'without ids' ? samePlaces(after) : matched;
  const rows = emptyTable();
  let isChanged = false;
  for (const [from, to] of kept) {
    const patch = diffValues(before[from], after[to], depth + 1);
    if (patch === undefined) continue;
    rows[start + to] = patch;
    isChanged = true;
  }
  return isChanged ? [...steps, rows as PatchOfParts] : steps;
}

/**
 * An object that V8 keeps as a table of places, once it had one that is very high. Else it
 * makes room for every place below the highest, and text from all of that room.
 */
function emptyTable(): Record<number, Patch> {
  const table: Record<number, Patch> = { [2 ** 30]: null };
  delete table[2 ** 30];
  return table;
}

function samePlaces(rows: Rows): MatchedRows {
  return { steps: [], kept: rows.map((_, place) => [place, place]) };
}

function isList(value: unknown): value is Rows {
  return Array.isArray(value);
}
