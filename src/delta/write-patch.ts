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

/** Strings shorter than this are not worth a splice. */
const minSplicedLength = 16;

/**
 * What lies deeper is compared as text, and sent whole. Lists compare their rows to the
 * bottom before they look into them, so the work would grow with the square of the depth.
 */
const maxDepth = 24;

type Rows = readonly unknown[];

/**
 * The JSON text of the {@link Patch} that leads from the JSON form of one value to that of
 * another; undefined if they are the same. It is short rather than the shortest: parts that
 * are the same object are not entered, rows of lists are told apart by their `id` if all have
 * one, else by their place.
 *
 * As text, since how long a patch is decides again and again whether it is worth sending, and
 * since it is only made to be sent.
 */
export function writePatch(before: unknown, after: unknown, depth = 0): string | undefined {
  if (Object.is(before, after)) return undefined;
  if (depth > maxDepth) return textOf(before) === textOf(after) ? undefined : replacedBy(after);
  if (isList(before) && isList(after)) return patchList(before, after, depth);
  if (isPlain(before) && isPlain(after)) return patchFields(before, after, depth);
  if (typeof before === 'string' && typeof after === 'string') return patchString(before, after);
  return isSame(before, after) ? undefined : replacedBy(after);
}

function replacedBy(value: unknown): string {
  return isObject(value) ? `[${textOf(value)}]` : textOf(value);
}

function patchFields(before: PlainObject, after: PlainObject, depth: number): string | undefined {
  let parts = '';
  const add = (name: string, patch: string) => {
    parts += `${parts && ','}${JSON.stringify(name)}:${patch}`;
  };
  for (const name of Object.keys(after)) {
    // It cannot be patched: assigned, it would become the object's prototype.
    if (name === '__proto__') return wholeUnlessSame(before, after);
    const patch = patchField(ownField(before, name), after[name], depth);
    if (patch !== undefined) add(name, patch);
  }
  for (const name of Object.keys(before)) {
    if (Object.hasOwn(after, name)) continue;
    if (name === '__proto__') return wholeUnlessSame(before, after);
    if (!isNothing(before[name])) add(name, '[]');
  }
  return parts ? `{${parts}}` : undefined;
}

function wholeUnlessSame(before: PlainObject, after: PlainObject): string | undefined {
  return isSame(before, after) ? undefined : replacedBy(after);
}

function patchField(before: unknown, after: unknown, depth: number): string | undefined {
  if (isNothing(after)) return isNothing(before) ? undefined : '[]';
  return isNothing(before) ? replacedBy(after) : writePatch(before, after, depth + 1);
}

function patchString(before: string, after: string): string {
  const shorter = Math.min(before.length, after.length);
  if (shorter < minSplicedLength) return textOf(after);
  const { start, end } = commonCharacters(before, after);
  const inserted = after.slice(start, after.length - end);
  const removed = before.length - start - end;
  const patch = `[${start},${removed}${inserted && `,${textOf(inserted)}`}]`;
  return isLonger(after, patch.length) ? patch : textOf(after);
}

/** The part of two lists between rows that are the same at both ends. */
interface Middle {
  readonly start: number;
  readonly before: Rows;
  readonly after: Rows;
}

function patchList(before: Rows, after: Rows, depth: number): string | undefined {
  const middle = trimmed(before, after);
  const { start, before: old, after: now } = middle;
  if (old.length === 0 && now.length === 0) return undefined;
  const steps = old.length > 0 && now.length > 0 ? stepsOf(middle, depth) : null;
  // They differ by no more than their text says nothing of.
  if (steps === '') return undefined;
  const whole = [start, old.length, ...now];
  return steps && isLonger(whole, steps.length) ? steps : textOf(whole);
}

function trimmed(before: Rows, after: Rows): Middle {
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

/**
 * What leads from one middle to the other, one step or a list of them; empty if nothing does,
 * null if all of it may as well be sent.
 */
function stepsOf({ start, before, after }: Middle, depth: number): string | null {
  const matched = matchRows(before, after, start);
  if (matched === 'unlike') return null;
  if (matched === 'without ids' && before.length !== after.length) return null;
  const { kept, steps } = matched === 'without ids' ? samePlaces(after) : matched;
  let rows = '';
  for (const [from, to] of kept) {
    const patch = writePatch(before[from], after[to], depth + 1);
    if (patch !== undefined) rows += `${rows && ','}"${start + to}":${patch}`;
  }
  const texts = steps.map(textOf);
  if (rows) texts.push(`{${rows}}`);
  return texts.length > 1 ? `[${texts.join()}]` : (texts[0] ?? '');
}

function samePlaces(rows: Rows): MatchedRows {
  return { steps: [], kept: rows.map((_, place) => [place, place]) };
}

function isList(value: unknown): value is Rows {
  return Array.isArray(value);
}
