import { makeNotable } from '../delta/noted-range.ts';
import { ValueNotStorableError } from '../errors/index.ts';
import { StateMap } from './collections/state-map.ts';
import { StateSet } from './collections/state-set.ts';
import {
  formatPath,
  isForbiddenKey,
  isMap,
  isPlainObject,
  isSet,
  type MapKey,
  type Path,
  type PlainObject,
} from './plain.ts';
import { SettledMark } from './settled-mark.ts';
import { StateDate } from './state-date.ts';

/** Deeper values would overflow the stack of encoders and of GraphQL execution. */
const maxDepth = 1_000;

/** Whether the value is part of a snapshot: valid, frozen and safe to share. */
export function isSettled(value: object): boolean {
  return SettledMark.isOn(value);
}

/** Freezes an object whose children are all settled, and marks it as settled. */
export function markSettled<T extends object>(value: T): T {
  if (SettledMark.isOn(value)) return value;
  new SettledMark(value);
  if (Array.isArray(value)) makeNotable(value);
  return Object.freeze(value);
}

/** Turns a proxy that stands inside a value (a draft, a read-only view) into what it stands for. */
export type Resolve = (value: object, path: Path) => unknown;

/**
 * The value as part of a snapshot: checked, copied and frozen, to the deepest
 * level. The given objects are not touched. A Date becomes a {@link StateDate},
 * a Map a {@link StateMap}, a Set a {@link StateSet}; `-0` becomes `0`, and a
 * property that is undefined goes away, as in JSON.
 *
 * Costs one step for each new object; settled ones are shared, not entered.
 *
 * @throws {@link ValueNotStorableError} with the path of the first offender.
 */
export function settle(value: unknown, path: Path, resolve: Resolve = itself): unknown {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : refuse(path, 'a string with a lone surrogate');
    case 'number':
      if (!Number.isFinite(value)) refuse(path, `${value} is not a JSON number`);
      return value === 0 ? 0 : value;
    case 'boolean':
    case 'bigint':
      return value;
    case 'undefined':
      return refuse(path, 'undefined (use null)');
    case 'object':
      return value === null ? null : settleObject(value, path, resolve);
    default:
      return refuse(path, `a ${typeof value}`);
  }
}

function settleObject(value: object, path: Path, resolve: Resolve): unknown {
  if (isSettled(value)) return value;
  const resolved = resolve(value, path);
  if (resolved !== value) return resolved;
  if (value instanceof Date) return settleDate(value, path);
  if (Array.isArray(value)) {
    return settleList(value, path, (child) => settle(child, path, resolve));
  }
  if (isPlainObject(value)) {
    const keys = storableKeys(value, path);
    return settleRecord(value, { keys, path }, (child) => settle(child, path, resolve));
  }
  if (isMap(value)) return settleMap(value, path, (child) => settle(child, path, resolve));
  if (isSet(value)) return settleSet(value, path, (member) => settle(member, path, resolve));
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? 'class';
  return refuse(path, `an instance of ${name} (use plain objects, lists, Maps, Sets and Dates)`);
}

function settleDate(value: Date, path: Path): StateDate {
  const time = value.getTime();
  if (Number.isNaN(time)) refuse(path, 'an invalid Date');
  return markSettled(new StateDate(time));
}

/** A settled list of what `settleChild` makes of each item, called with `path` at the item. */
export function settleList(
  value: readonly unknown[],
  path: Path,
  settleChild: (item: unknown, index: number) => unknown,
): unknown[] {
  assertDepth(path);
  const out: unknown[] = [];
  for (let index = 0; index < value.length; index += 1) {
    path.push(index);
    if (!(index in value)) refuse(path, 'a hole in a list (use null)');
    out.push(settleChild(value[index], index));
    path.pop();
  }
  return markSettled(out);
}

/**
 * The keys of an object that somebody else has made.
 *
 * @throws {@link ValueNotStorableError} if one cannot be stored
 */
export function storableKeys(value: PlainObject, path: Path): readonly string[] {
  const keys = Reflect.ownKeys(value);
  for (const key of keys) {
    if (typeof key === 'symbol') refuse(path, 'a key that is a symbol');
    else if (isForbiddenKey(key)) refuse([...path, key], 'a reserved key');
  }
  return keys as string[];
}

/** A settled object of what `settleChild` makes of each of these properties, called with `path` at the property. */
export function settleRecord(
  value: PlainObject,
  { keys, path }: { readonly keys: readonly string[]; readonly path: Path },
  settleChild: (child: unknown, key: string) => unknown,
): PlainObject {
  assertDepth(path);
  const out: PlainObject = {};
  for (const key of keys) {
    const child = value[key];
    if (child === undefined) continue;
    path.push(key);
    out[key] = settleChild(child, key);
    path.pop();
  }
  return markSettled(out);
}

/** A settled Map of what `settleChild` makes of each value, called with `path` at its key. */
export function settleMap(
  value: ReadonlyMap<unknown, unknown>,
  path: Path,
  settleChild: (child: unknown, key: MapKey) => unknown,
): StateMap {
  assertDepth(path);
  const entries: [MapKey, unknown][] = [];
  for (const [key, child] of value) {
    const settledKey = settleKey(key, path);
    path.push(settledKey);
    entries.push([settledKey, settleChild(child, settledKey)]);
    path.pop();
  }
  return markSettled(StateMap.of(entries));
}

/** A settled Set of what `settleChild` makes of each member, called with `path` at its place. */
export function settleSet(
  value: ReadonlySet<unknown>,
  path: Path,
  settleChild: (member: unknown) => unknown,
): StateSet {
  assertDepth(path);
  const members: unknown[] = [];
  for (const member of value) {
    path.push(members.length);
    members.push(settleChild(member));
    path.pop();
  }
  return markSettled(StateSet.of(members));
}

function settleKey(key: unknown, path: Path): MapKey {
  if (typeof key === 'object' && key !== null) {
    refuse(path, 'a Map key that is an object (use a string, a number, a bigint or a boolean)');
  }
  if (typeof key === 'string' && isForbiddenKey(key)) refuse(path, 'a reserved key');
  return settle(key, path) as MapKey;
}

function assertDepth(path: Path): void {
  if (path.length > maxDepth) {
    refuse(path.slice(0, 4), `it is nested more than ${maxDepth} levels deep, or in itself`);
  }
}

function refuse(path: Path, reason: string): never {
  throw new ValueNotStorableError(formatPath(path), reason);
}

const itself: Resolve = (value) => value;
