import type { Operation } from './operation.ts';
import type { Path, PlainObject } from './plain.ts';
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
      return update(value, path.slice(0, -1), 0, (parent) => {
        const { [path.at(-1) as string]: _deleted, ...rest } = parent as PlainObject;
        return markSettled(rest);
      });
    case 'splice': {
      const [, , index, removed, inserted] = operation;
      // Not toSpliced(...): a long list does not fit into the arguments of a call.
      return update(value, path, 0, (list) => {
        const rows = list as readonly unknown[];
        return markSettled(rows.slice(0, index).concat(inserted, rows.slice(index + removed)));
      });
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
  const key = path[depth] as string | number;
  if (Array.isArray(value)) {
    const child = update(value[key as number], path, depth + 1, change);
    return markSettled(value.with(key as number, child));
  }
  const record = value as PlainObject;
  return markSettled({ ...record, [key]: update(record[key], path, depth + 1, change) });
}
