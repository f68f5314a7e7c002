/** An object with string keys: a literal, or one without a prototype. */
export type PlainObject = Record<string, unknown>;

/** Where a value stands: keys of objects and indexes of lists, from the state's name down. */
export type Path = (string | number)[];

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
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
