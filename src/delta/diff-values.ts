import {
  isNothing,
  isObject,
  isPlain,
  isSame,
  ownField,
  type PlainObject,
  textOf,
} from './json-form.ts';
import { matchRows } from './match-rows.ts';
import type { ListPatch, Patch, PatchOfParts, SplicePatch } from './patch.ts';

/** Strings shorter than this are not worth a splice. */
const minSplicedLength = 16;

type Rows = readonly unknown[];

/**
 * The patch that leads from the JSON form of one value to that of another;
 * undefined if they are the same, since null is a patch too. It is short rather
 * than the shortest: parts that are the same object are not entered, rows of
 * lists are told apart by their `id` if all have one, else by their place.
 */
export function diffValues(before: unknown, after: unknown): Patch | undefined {
  if (Object.is(before, after)) return undefined;
  if (isList(before) && isList(after)) return diffLists(before, after);
  if (isPlain(before) && isPlain(after)) return diffFields(before, after);
  if (typeof before === 'string' && typeof after === 'string') return diffStrings(before, after);
  return isSame(before, after) ? undefined : replacedBy(after);
}

function replacedBy(value: unknown): Patch {
  if (isObject(value)) return [value];
  return isNothing(value) ? null : (value as Patch);
}

function diffFields(before: PlainObject, after: PlainObject): Patch | undefined {
  const parts: [name: string, Patch][] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    // It cannot be patched: assigned, it would become the object's prototype.
    if (name === '__proto__') return isSame(before, after) ? undefined : [after];
    const patch = diffField(ownField(before, name), ownField(after, name));
    if (patch !== undefined) parts.push([name, patch]);
  }
  return parts.length > 0 ? Object.fromEntries(parts) : undefined;
}

function diffField(before: unknown, after: unknown): Patch | undefined {
  if (isNothing(after)) return isNothing(before) ? undefined : [];
  return isNothing(before) ? replacedBy(after) : diffValues(before, after);
}

function diffStrings(before: string, after: string): Patch {
  const shorter = Math.min(before.length, after.length);
  if (shorter < minSplicedLength) return after;
  const { start, end } = commonEnds(before, after, (a, b) => a === b);
  const inserted = after.slice(start, after.length - end);
  const removed = before.length - start - end;
  const patch: SplicePatch = inserted ? [start, removed, inserted] : [start, removed];
  return sizeOf(patch) < sizeOf(after) ? patch : after;
}

/** The part of two lists between rows that are the same at both ends. */
interface Middle {
  readonly start: number;
  readonly before: Rows;
  readonly after: Rows;
}

function diffLists(before: Rows, after: Rows): Patch | undefined {
  const { start, end } = commonEnds(before, after, isSame);
  const middle: Middle = {
    start,
    before: before.slice(start, before.length - end),
    after: after.slice(start, after.length - end),
  };
  if (middle.before.length === 0 && middle.after.length === 0) return undefined;
  const whole: SplicePatch = [start, middle.before.length, ...middle.after];
  if (middle.before.length === 0 || middle.after.length === 0) return whole;
  const steps = stepsOf(middle);
  if (!steps) return whole;
  const [first] = steps;
  const patch = steps.length === 1 && first ? first : steps;
  return sizeOf(patch) < sizeOf(whole) ? patch : whole;
}

/** How many parts are the same at the beginning, and how many of the rest at the end. */
function commonEnds<Part>(
  before: ArrayLike<Part>,
  after: ArrayLike<Part>,
  same: (a: Part | undefined, b: Part | undefined) => boolean,
): { readonly start: number; readonly end: number } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && same(before[start], after[start])) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    same(before[before.length - 1 - end], after[after.length - 1 - end])
  ) {
    end += 1;
  }
  return { start, end };
}

/** What leads from one middle to the other; null if their rows cannot be told apart. */
function stepsOf({ start, before, after }: Middle): readonly ListPatch[] | null {
  const matched = matchRows(before, after, start);
  if (!matched && before.length !== after.length) return null;
  const kept = matched?.kept ?? after.map((_, place) => [place, place] as const);
  const rows: Record<string, Patch> = {};
  for (const [from, to] of kept) {
    const patch = diffValues(before[from], after[to]);
    if (patch !== undefined) rows[start + to] = patch;
  }
  const steps = matched?.steps ?? [];
  return Object.keys(rows).length > 0 ? [...steps, rows as PatchOfParts] : steps;
}

function isList(value: unknown): value is Rows {
  return Array.isArray(value);
}

function sizeOf(value: unknown): number {
  return textOf(value).length;
}
