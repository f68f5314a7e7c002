import { isNothing, isPlain, ownField, type PlainObject, textOf } from './json-form.ts';

/**
 * Whether the text of a value is longer than so many characters. Of a much longer one, a
 * list of many rows for instance, no more is looked at than it takes to tell.
 */
export function isLonger(value: unknown, length: number): boolean {
  return leastLength(value, length + 1) > length || textOf(value).length > length;
}

/** What the text of a value has at least, as far as that is less than `enough`: then the rest is not counted. */
function leastLength(value: unknown, enough: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (Array.isArray(value)) return leastOfList(value, enough);
  if (isPlain(value)) return leastOfFields(value, enough);
  // It may be of one character, or say itself what stands for it.
  return 1;
}

function leastOfList(rows: readonly unknown[], enough: number): number {
  // Two brackets, and what is between the rows.
  let length = 1 + Math.max(rows.length, 1);
  for (let place = 0; place < rows.length && length < enough; place += 1) {
    length += leastLength(rows[place], enough - length);
  }
  return length;
}

function leastOfFields(fields: PlainObject, enough: number): number {
  let length = 2;
  for (const name of Object.keys(fields)) {
    if (length >= enough) break;
    const value = ownField(fields, name);
    // One that is left out has no text; others have their name, its quotes and a colon.
    if (isNothing(value) || hasOwnText(value)) continue;
    length += name.length + 3 + leastLength(value, enough - length);
  }
  return length;
}

/** Whether it makes its text itself, which may be none. */
function hasOwnText(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'toJSON' in value;
}
