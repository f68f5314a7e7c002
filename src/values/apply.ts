import { StateMap } from './collections/state-map.ts';
import { StateSet } from './collections/state-set.ts';
import type { Operation, Segment } from './operation.ts';
import { isMap, isSet, type MapKey, type Path, type PlainObject } from './plain.ts';
import { markSettled } from './settle.ts';

/** The settled value that the operations lead to. Everything they do not touch is shared with `value`. */
export function apply(value: unknown, operations: readonly Operation[]): unknown {
  return operations.reduce<unknown>(applyOne, value);
}

function applyOne(value: unknown, operation: Operation): unknown {
  const [kind, path] = operation;
  switch (kind) {
    case 'set':
      return update(value, path, 0, () => operation[2]);
    case 'delete':
      return update(value, path.slice(0, -1), 0, (parent) => without(parent, path.at(-1)));
    case 'splice': {
      const [, , index, removed, inserted] = operation;
      // Not toSpliced(...): a long list does not fit into the arguments of a call.
      return update(value, path, 0, (list) =>
        changeRows(list, (rows) =>
          rows.slice(0, index).concat(inserted, rows.slice(index + removed)),
        ),
      );
    }
    case 'arrange': {
      const segments = operation[2];
      return update(value, path, 0, (list) => changeRows(list, (rows) => arrange(rows, segments)));
    }
  }
}

function update(
  value: unknown,
  path: Readonly<Path>,
  depth: number,
  change: (leaf: unknown) => unknown,
): unknown {
  if (depth === path.length) return change(value);
  const key = path[depth] as MapKey;
  if (Array.isArray(value) || isSet(value)) {
    return changeRows(value, (rows) =>
      rows.with(key as number, update(rows[key as number], path, depth + 1, change)),
    );
  }
  if (isMap(value)) {
    const child = update(value.get(key), path, depth + 1, change);
    return markSettled(StateMap.of([...value.entries(), [key, child]]));
  }
  const record = value as PlainObject;
  const name = key as string;
  return markSettled({ ...record, [name]: update(record[name], path, depth + 1, change) });
}

function changeRows(list: unknown, change: (rows: readonly unknown[]) => unknown[]): object {
  return isSet(list)
    ? markSettled(StateSet.of(change([...list])))
    : markSettled(change(list as readonly unknown[]));
}

function arrange(rows: readonly unknown[], segments: readonly Segment[]): unknown[] {
  const out: unknown[] = [];
  for (const segment of segments) {
    const run =
      segment[0] === 'copy' ? rows.slice(segment[1], segment[1] + segment[2]) : segment[1];
    for (const row of run) out.push(row);
  }
  return out;
}

function without(parent: unknown, key: MapKey | undefined): object {
  if (isMap(parent)) {
    return markSettled(StateMap.of([...parent].filter(([name]) => name !== key)));
  }
  const { [key as string]: _deleted, ...rest } = parent as PlainObject;
  return markSettled(rest);
}
