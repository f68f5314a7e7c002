import * as fc from 'fast-check';

type Key = string | number | bigint | boolean | null;

/** A value that a state can hold. */
type Value =
  | null
  | boolean
  | number
  | string
  | bigint
  | Date
  | Value[]
  | Map<Key, Value>
  | Set<Value>
  | { [key: string]: Value };

export type Root = { [key: string]: Value };

const keyArbitrary = fc.constantFrom<Key>('a', 'b', 1, 2n, true, null);

const leafArbitrary = fc.oneof(
  fc.constantFrom<Value>(null, true, false, 0, 1, 2, 'a', 'b', 3n),
  fc.nat(3).map((time): Value => new Date(time)),
);

/** An object of some depth, with every kind of value in it. */
export const rootArbitrary: fc.Arbitrary<Root> = fc.letrec<{
  value: Value;
  list: Value[];
  record: Root;
  map: Map<Key, Value>;
  set: Set<Value>;
}>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leafArbitrary,
    tie('list'),
    tie('record'),
    tie('map'),
    tie('set'),
  ),
  list: fc.array(tie('value'), { maxLength: 6 }),
  record: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4 }),
  map: fc
    .array(fc.tuple(keyArbitrary, tie('value')), { maxLength: 5 })
    .map((entries) => new Map(entries)),
  set: fc.array(tie('value'), { maxLength: 5 }).map((members) => new Set(members)),
})).record;

/** The value with the order of Maps and Sets, which matchers do not look at. */
export function ordered(value: unknown): unknown {
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof Map) return { map: [...value].map(ordered) };
  if (value instanceof Set) return { set: [...value].map(ordered) };
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, ordered(child)]));
}

/** One step of a handler: goes somewhere in the value, and does something there. */
export interface Edit {
  /** Which child to go to, level by level, modulo how many there are. */
  readonly path: readonly number[];
  readonly action:
    | 'set'
    | 'delete'
    | 'push'
    | 'pop'
    | 'shift'
    | 'unshift'
    | 'splice'
    | 'reverse'
    | 'sort'
    | 'move'
    | 'filter'
    | 'length';
  readonly index: number;
  readonly value: Value;
}

export const editArbitrary: fc.Arbitrary<Edit> = fc.record({
  path: fc.array(fc.nat(5), { maxLength: 3 }),
  action: fc.constantFrom(
    'set',
    'set',
    'set',
    'delete',
    'push',
    'pop',
    'shift',
    'unshift',
    'splice',
    'reverse',
    'sort',
    'move',
    'filter',
    'length',
  ),
  index: fc.nat(6),
  value: fc.oneof(
    fc.constantFrom<Value>(0, 1, 'x', null),
    fc.constantFrom<Value>([1, { a: 2 }], { b: [3] }, [], {}),
    fc.constantFrom<Value>(
      new Map([['a', { b: 1 }]]),
      new Set<Value>(['a', { b: 1 }]),
      new Date(9),
    ),
  ),
});

type Container = Value[] | Map<Key, Value> | Set<Value> | Root;

function isContainer(value: Value | undefined): value is Container {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

function partsOf(container: Container): Value[] {
  return container instanceof Map || container instanceof Set
    ? [...container.values()]
    : Object.values(container);
}

/** Makes the edit on a draft, or on plain data: the same code for both. */
export function makeEdit(root: Root, edit: Edit): void {
  let target: Container = root;
  for (const step of edit.path) {
    const children: Value[] = partsOf(target).filter(isContainer);
    const child = children[step % Math.max(children.length, 1)];
    if (!isContainer(child)) break;
    target = child;
  }
  // A copy for each use, as a handler would make a new object each time.
  const value = structuredClone(edit.value);
  if (Array.isArray(target)) editList(target, edit, value);
  else if (target instanceof Map) editMap(target, edit, value);
  else if (target instanceof Set) editSet(target, edit, value);
  else editRecord(target, edit, value);
}

function editMap(map: Map<Key, Value>, { action, index }: Edit, value: Value): void {
  const key = (['a', 'b', 1, 2n, true, null] as const)[index % 6] ?? null;
  const current = map.get(key);
  switch (action) {
    case 'delete':
    case 'pop':
      map.delete(key);
      break;
    case 'move':
      if (!map.delete(key)) break;
      map.set(key, current ?? null);
      break;
    case 'length':
      map.clear();
      break;
    case 'filter':
      for (const [at, part] of [...map.values()].entries()) {
        if (isContainer(part)) editNested(part, at);
      }
      break;
    case 'sort':
      // Deleted while it is iterated over, as Maps allow.
      for (const [at] of map) if (at === key) map.delete(at);
      break;
    default:
      map.set(key, value);
  }
}

function editSet(set: Set<Value>, { action, index }: Edit, value: Value): void {
  const member = [...set][index % Math.max(set.size, 1)];
  switch (action) {
    case 'delete':
    case 'pop':
      if (member !== undefined) set.delete(member);
      break;
    case 'move':
      if (member === undefined || !set.delete(member)) break;
      set.add(member);
      break;
    case 'length':
      set.clear();
      break;
    case 'filter':
      for (const [at, part] of [...set].entries()) if (isContainer(part)) editNested(part, at);
      break;
    default:
      set.add(value);
      if (isContainer(value)) set.add(value); // the same one
  }
}

function editList(list: Value[], { action, index }: Edit, value: Value): void {
  const place = index % (list.length + 1);
  switch (action) {
    case 'set':
      list[Math.min(place, list.length)] = value;
      break;
    case 'push':
      list.push(value);
      break;
    case 'unshift':
      list.unshift(value, 0);
      break;
    case 'pop':
      list.pop();
      break;
    case 'shift':
      list.shift();
      break;
    case 'splice':
      list.splice(place, 2, value);
      break;
    case 'reverse':
      list.reverse();
      break;
    case 'sort':
      list.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
      break;
    case 'move':
      list.splice(place, 0, ...list.splice(0, 1));
      break;
    case 'length':
      list.length = Math.min(list.length, place);
      break;
    case 'delete':
    case 'filter':
      for (const [at, item] of list.entries()) if (isContainer(item)) editNested(item, at);
      break;
  }
}

function textOf(value: Value): string {
  return JSON.stringify(ordered(value), (_key, part) =>
    typeof part === 'bigint' ? `${part}n` : part,
  );
}

function editNested(item: Container, at: number): void {
  if (Array.isArray(item)) item.push(at);
  else if (item instanceof Map) item.set('n', at);
  else if (item instanceof Set) item.add(at);
  else item['n'] = at;
}

function editRecord(record: Root, { action, index }: Edit, value: Value): void {
  const key = ['a', 'b', 'c', 'd'][index % 4] as string;
  const current = record[key];
  switch (action) {
    case 'delete':
      delete record[key];
      break;
    case 'filter':
      if (Array.isArray(current)) record[key] = current.filter((_, at) => at % 2 === 0);
      break;
    case 'move':
      // The same object at a new place only: it is gone from the old one.
      delete record[key];
      record[`${key}${key}`] = current ?? null;
      break;
    default:
      record[key] = value;
  }
}
