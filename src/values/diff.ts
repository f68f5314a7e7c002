import type { Operation } from './operation.ts';
import { isObject, type Path, type PlainObject } from './plain.ts';

/**
 * The operations that lead from one settled value to another; none when they
 * are equal. Values that are the same object are not entered, so the cost
 * follows what changed. {@link apply} undoes nothing and guesses nothing:
 * `apply(a, diff(a, b))` equals `b`.
 */
export function diff(before: unknown, after: unknown, path: Readonly<Path> = []): Operation[] {
  const operations: Operation[] = [];
  collect(before, after, [...path], operations);
  return operations;
}

/** Whether two settled values are equal, to the deepest level. */
export function isEqual(a: unknown, b: unknown): boolean {
  return diff(a, b).length === 0;
}

function collect(before: unknown, after: unknown, path: Path, out: Operation[]): void {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    collectList(before, after, path, out);
  } else if (isRecord(before) && isRecord(after)) {
    collectRecord(before, after, path, out);
  } else if (!isSameDate(before, after)) {
    out.push(['set', [...path], after]);
  }
}

function isRecord(value: unknown): value is PlainObject {
  return isObject(value) && !Array.isArray(value) && !(value instanceof Date);
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
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && Object.is(before[start], after[start])) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    Object.is(before[before.length - 1 - end], after[after.length - 1 - end])
  ) {
    end += 1;
  }
  const removed = before.length - start - end;
  const inserted = after.slice(start, after.length - end);
  if (removed === inserted.length) {
    const rows: Operation[] = [];
    for (const [offset, row] of inserted.entries()) {
      path.push(start + offset);
      collect(before[start + offset], row, path, rows);
      path.pop();
    }
    // Many small operations cost more than the rows themselves.
    if (rows.length <= 2 * removed) {
      for (const row of rows) out.push(row);
      return;
    }
  }
  out.push(['splice', [...path], start, removed, inserted]);
}
