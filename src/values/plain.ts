/** An object with string keys: a literal, or one without a prototype. */
export type PlainObject = Record<string, unknown>;

/** A key of a Map: a value that is the same wherever it is read. */
export type MapKey = string | number | bigint | boolean | null;

/** Where a value stands: keys of objects and Maps, indexes of lists and of a Set's members, from the state's name down. */
export type Path = MapKey[];

/** Keys that reach an object's prototype; no state may hold them. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

export function isForbiddenKey(key: string): boolean {
  return forbiddenKeys.has(key);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether the value is an object literal, from any realm, and not an instance of a class. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return (
    prototype === null ||
    prototype === Object.prototype ||
    Object.getPrototypeOf(prototype) === null
  );
}

/** Whether the value is a Map itself, from this realm, and not an instance of a class that extends it. */
export function isMap(value: unknown): value is Map<unknown, unknown> {
  return value instanceof Map && value.constructor === Map;
}

/** The same for a Set. */
export function isSet(value: unknown): value is Set<unknown> {
  return value instanceof Set && value.constructor === Set;
}

/** Whether the value has parts: what drafts and read-only views are made of. */
export function isContainer(value: unknown): value is object {
  return Array.isArray(value) || isPlainObject(value) || isMap(value) || isSet(value);
}

/** Array methods that change the list they are called on. */
export const listMutators: ReadonlySet<PropertyKey> = new Set([
  'copyWithin',
  'fill',
  'pop',
  'push',
  'reverse',
  'shift',
  'sort',
  'splice',
  'unshift',
]);

/** `State.items[0].title`, for messages. */
export function formatPath(path: Readonly<Path>): string {
  return path.reduce<string>((text, part) => {
    if (typeof part !== 'string') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** From so many keys on, an object is built as a table of keys at once: V8 would try a shape for each of them first. */
const manyKeys = 64;

/** A copy that is one level deep. For many keys it takes a fifth of the time of a spread, for few the same. */
export function copyRecord(record: PlainObject): PlainObject {
  const keys = Object.keys(record);
  const copy = keys.length > manyKeys ? emptyTable() : {};
  for (const key of keys) copy[key] = record[key];
  return copy;
}

/** An object without keys that V8 keeps as a table: what it does once keys were deleted out of order. */
function emptyTable(): PlainObject {
  const table: { first?: number; second?: number } = { first: 0, second: 0 };
  delete table.first;
  delete table.second;
  return table;
}
