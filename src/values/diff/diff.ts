import type { Operation } from '../operation.ts';
import { isMap, isObject, isSet, type Path, type PlainObject } from '../plain.ts';
import { arrangement } from './arrangement.ts';
import { changedRange } from './changed-range.ts';

/**
 * The operations that lead from one settled value to another; none when they
 * are equal. Values that are the same object are not entered, so the cost
 * follows what changed. {@link apply} undoes nothing and guesses nothing:
 * `apply(a, diff(a, b))` equals `b`.
 *
 * With a `key` the two values are lists whose rows are told apart by that
 * property: a row that moved costs its move, and one that was made anew only
 * what is different in it. One whose key is missing or not unique may cost all
 * of the row.
 */
export function diff(
  before: unknown,
  after: unknown,
  { path = [], key = null }: { readonly path?: Readonly<Path>; readonly key?: string | null } = {},
): Operation[] {
  const operations: Operation[] = [];
  const place = [...path];
  if (key !== null && Array.isArray(before) && Array.isArray(after)) {
    collectKeyedList(before, after, { key, path: place, out: operations });
  } else {
    collect(before, after, place, operations);
  }
  return operations;
}

/** Whether two settled values are equal, to the deepest level. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return Object.is(a, b);
  return a === b || diff(a, b).length === 0;
}

function collect(before: unknown, after: unknown, path: Path, out: Operation[]): void {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) collectList(before, after, path, out);
  else if (isMap(before) && isMap(after)) collectMap(before, after, path, out);
  else if (isSet(before) && isSet(after)) collectSet(before, after, path, out);
  else if (isRecord(before) && isRecord(after)) collectRecord(before, after, path, out);
  else if (!isSameDate(before, after)) out.push(['set', [...path], after]);
}

function isRecord(value: unknown): value is PlainObject {
  return (
    isObject(value) && !Array.isArray(value) && !(value instanceof Date) && !isCollection(value)
  );
}

function isCollection(value: object): boolean {
  return isMap(value) || isSet(value);
}

function isSameDate(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
}

function collectRecord(
  before: PlainObject,
  after: PlainObject,
  path: Path,
  out: Operation[],
): void {
  for (const key in before) {
    if (!Object.hasOwn(after, key)) out.push(['delete', [...path, key]]);
  }
  for (const key in after) {
    path.push(key);
    if (Object.hasOwn(before, key)) collect(before[key], after[key], path, out);
    else out.push(['set', [...path], after[key]]);
    path.pop();
  }
}

/** Their order is part of what Maps are: one that operations could not lead to is set whole. */
function collectMap(
  before: ReadonlyMap<unknown, unknown>,
  after: ReadonlyMap<unknown, unknown>,
  path: Path,
  out: Operation[],
): void {
  if (!keepsOrder(before, after)) {
    out.push(['set', [...path], after]);
    return;
  }
  for (const key of before.keys() as Iterable<Path[number]>) {
    if (!after.has(key)) out.push(['delete', [...path, key]]);
  }
  for (const [key, value] of after as ReadonlyMap<Path[number], unknown>) {
    path.push(key);
    if (before.has(key)) collect(before.get(key), value, path, out);
    else out.push(['set', [...path], value]);
    path.pop();
  }
}

/** Whether what stayed is in its old order, and what is new comes after it. */
function keepsOrder(
  before: ReadonlyMap<unknown, unknown>,
  after: ReadonlyMap<unknown, unknown>,
): boolean {
  const now = after.keys();
  for (const key of before.keys()) {
    if (after.has(key) && !Object.is(now.next().value, key)) return false;
  }
  return true;
}

/** Always one splice: member by member, two could be the same on the way and become one. */
function collectSet(
  before: ReadonlySet<unknown>,
  after: ReadonlySet<unknown>,
  path: Path,
  out: Operation[],
): void {
  const members = [...before];
  const { start, removed, inserted } = changedRange(members, [...after]);
  const same =
    removed === inserted.length &&
    inserted.every((member, offset) => isEqual(members[start + offset], member));
  if (!same) out.push(['splice', [...path], start, removed, inserted]);
}

/**
 * Rows that are the same objects at both ends are trimmed. What is left
 * between them is compared row by row if its length is the same, or else
 * becomes one splice.
 */
function collectList(
  before: readonly unknown[],
  after: readonly unknown[],
  path: Path,
  out: Operation[],
): void {
  const { start, removed, inserted } = changedRange(before, after);
  if (removed === inserted.length) {
    const rows: Operation[] = [];
    for (const [offset, row] of inserted.entries()) {
      path.push(start + offset);
      collect(before[start + offset], row, path, rows);
      path.pop();
    }
    if (isWorthIt(rows, removed)) {
      append(out, rows);
      return;
    }
  }
  out.push(['splice', [...path], start, removed, inserted]);
}

function collectKeyedList(
  before: readonly unknown[],
  after: readonly unknown[],
  { key, path, out }: { readonly key: string; readonly path: Path; readonly out: Operation[] },
): void {
  const arranged = arrangement(before, after, key);
  const rows: Operation[] = [];
  for (const [from, to] of arranged.kept) {
    path.push(to);
    collect(before[from], after[to], path, rows);
    path.pop();
  }
  if (!isWorthIt(rows, arranged.kept.length)) {
    collectList(before, after, path, out);
    return;
  }
  if (arranged.segments) out.push(['arrange', [...path], arranged.segments]);
  append(out, rows);
}

/** Many small operations cost more than the rows themselves. */
function isWorthIt(operations: readonly Operation[], rows: number): boolean {
  return operations.length <= 2 * rows;
}

function append(out: Operation[], operations: readonly Operation[]): void {
  for (const operation of operations) out.push(operation);
}
