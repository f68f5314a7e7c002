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
export function diff(before: unknown, after: unknown, options: DiffOptions = {}): Operation[] {
  return difference(before, after, options).operations;
}

export interface DiffOptions {
  readonly path?: Readonly<Path>;
  readonly key?: string | null;
}

/** The same operations, and what they would make of the old value. */
export function difference(
  before: unknown,
  after: unknown,
  { path = [], key = null }: DiffOptions,
): Difference {
  const out = new Difference();
  const place = [...path];
  if (key !== null && Array.isArray(before) && Array.isArray(after)) {
    collectKeyedList(before, after, { key, path: place, out });
  } else {
    collect(before, after, place, out);
  }
  return out;
}

export class Difference {
  readonly operations: Operation[] = [];
  /**
   * Whether the new value is already what {@link apply} would make: wherever it equals
   * the old one, it has the same object, and its keys have the order that they would have.
   */
  isBuiltOnBefore = true;

  add(operation: Operation): void {
    this.operations.push(operation);
  }

  append({ operations, isBuiltOnBefore }: Difference): void {
    for (const operation of operations) this.operations.push(operation);
    this.isBuiltOnBefore &&= isBuiltOnBefore;
  }
}

/** Whether two settled values are equal, to the deepest level. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return Object.is(a, b);
  return a === b || diff(a, b).length === 0;
}

function collect(before: unknown, after: unknown, path: Path, out: Difference): void {
  if (Object.is(before, after)) return;
  const { length } = out.operations;
  if (Array.isArray(before) && Array.isArray(after)) collectList(before, after, path, out);
  else if (isMap(before) && isMap(after)) collectMap(before, after, path, out);
  else if (isSet(before) && isSet(after)) collectSet(before, after, path, out);
  else if (isRecord(before) && isRecord(after)) collectRecord(before, after, path, out);
  else if (!isSameDate(before, after)) out.add(['set', [...path], after]);
  // They are equal, and two objects.
  if (out.operations.length === length) out.isBuiltOnBefore = false;
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

function collectRecord(before: PlainObject, after: PlainObject, path: Path, out: Difference): void {
  const keys = Object.keys(after);
  let kept = 0;
  for (const key in before) {
    if (!Object.hasOwn(after, key)) out.add(['delete', [...path, key]]);
    else if (keys[kept++] !== key) out.isBuiltOnBefore = false;
  }
  for (const key of keys) {
    path.push(key);
    if (Object.hasOwn(before, key)) collect(before[key], after[key], path, out);
    else out.add(['set', [...path], after[key]]);
    path.pop();
  }
}

/** Their order is part of what Maps are: one that operations could not lead to is set whole. */
function collectMap(
  before: ReadonlyMap<unknown, unknown>,
  after: ReadonlyMap<unknown, unknown>,
  path: Path,
  out: Difference,
): void {
  if (!keepsOrder(before, after)) {
    out.add(['set', [...path], after]);
    return;
  }
  for (const key of before.keys() as Iterable<Path[number]>) {
    if (!after.has(key)) out.add(['delete', [...path, key]]);
  }
  for (const [key, value] of after as ReadonlyMap<Path[number], unknown>) {
    path.push(key);
    if (before.has(key)) collect(before.get(key), value, path, out);
    else out.add(['set', [...path], value]);
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
  out: Difference,
): void {
  const members = [...before];
  const now = [...after];
  const { start, removed, inserted } = changedRange(members, now);
  const added = now.slice(start, start + inserted);
  const same =
    removed === inserted &&
    added.every((member, offset) => isEqual(members[start + offset], member));
  if (!same) out.add(['splice', [...path], start, removed, added]);
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
  out: Difference,
): void {
  const { start, removed, inserted } = changedRange(before, after);
  if (removed === inserted) {
    const rows = new Difference();
    for (let place = start; place < start + removed; place += 1) {
      path.push(place);
      collect(before[place], after[place], path, rows);
      path.pop();
    }
    if (isWorthIt(rows, removed)) {
      out.append(rows);
      return;
    }
  }
  out.add(['splice', [...path], start, removed, after.slice(start, start + inserted)]);
}

function collectKeyedList(
  before: readonly unknown[],
  after: readonly unknown[],
  { key, path, out }: { readonly key: string; readonly path: Path; readonly out: Difference },
): void {
  const { segments, kept } = arrangement(before, after, key);
  const rows = new Difference();
  for (const [from, to] of kept) {
    path.push(to);
    collect(before[from], after[to], path, rows);
    path.pop();
  }
  if (!isWorthIt(rows, kept.length)) {
    collectList(before, after, path, out);
    return;
  }
  if (segments) out.add(['arrange', [...path], segments]);
  out.append(rows);
}

/** Many small operations cost more than the rows themselves. */
function isWorthIt({ operations }: Difference, rows: number): boolean {
  return operations.length <= 2 * rows;
}
