import * as fc from 'fast-check';

/** A value that a state can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An object or list, of some depth. */
export const containerArbitrary: fc.Arbitrary<Json[] | { [key: string]: Json }> = fc.letrec<{
  value: Json;
  list: Json[];
  record: { [key: string]: Json };
}>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, 0, 1, 2, 'a', 'b'),
    tie('list'),
    tie('record'),
  ),
  list: fc.array(tie('value'), { maxLength: 6 }),
  record: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4 }),
})).record;

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
  readonly value: Json;
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
    fc.constantFrom<Json>(0, 1, 'x', null),
    fc.constantFrom<Json>([1, { a: 2 }], { b: [3] }, [], {}),
  ),
});

type Container = Json[] | { [key: string]: Json };

function isContainer(value: Json | undefined): value is Container {
  return typeof value === 'object' && value !== null;
}

/** Makes the edit on a draft, or on plain data: the same code for both. */
export function makeEdit(root: { [key: string]: Json }, edit: Edit): void {
  let target: Container = root;
  for (const step of edit.path) {
    const children: Json[] = Object.values(target).filter(isContainer);
    const child = children[step % Math.max(children.length, 1)];
    if (!isContainer(child)) break;
    target = child;
  }
  // A copy for each use, as a handler would make a new object each time.
  const value = structuredClone(edit.value);
  if (Array.isArray(target)) editList(target, edit, value);
  else editRecord(target, edit, value);
}

function editList(list: Json[], { action, index }: Edit, value: Json): void {
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
      list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
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

function editNested(item: Container, at: number): void {
  if (Array.isArray(item)) item.push(at);
  else item['n'] = at;
}

function editRecord(record: { [key: string]: Json }, { action, index }: Edit, value: Json): void {
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
