/** An object that JSON has field by field. */
export type PlainObject = Readonly<Record<string, unknown>>;

export function isPlain(value: unknown): value is PlainObject {
  if (!isObject(value) || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === null || prototype === Object.prototype) && !('toJSON' in value);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What JSON leaves out of objects, and has as null in lists. */
export function isNothing(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

export function ownField(fields: PlainObject, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function textOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

/** Whether two values are the same in JSON. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((row, place) => isSame(row, b[place]));
  }
  if (isPlain(a) && isPlain(b)) {
    for (const name of Object.keys(a)) if (!isSame(a[name], ownField(b, name))) return false;
    return Object.keys(b).every((name) => Object.hasOwn(a, name) || isNothing(b[name]));
  }
  // Dates, say, of a scalar's own.
  if (isObject(a) && isObject(b)) return textOf(a) === textOf(b);
  return isNothing(a) && isNothing(b);
}
