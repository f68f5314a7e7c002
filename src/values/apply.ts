import { StateMap } from './collections/state-map.ts';
import { StateSet } from './collections/state-set.ts';
import type { Operation, Segment } from './operation.ts';
import { copyRecord, isMap, isSet, type MapKey, type Path, type PlainObject } from './plain.ts';
import { markSettled } from './settle.ts';

/**
 * The settled value that the operations lead to. Everything they do not touch is
 * shared with `value`; what they touch is copied once, however many they are.
 */
export function apply(value: unknown, operations: readonly Operation[]): unknown {
  if (operations.length === 0) return value;
  const work = new Work();
  const result = operations.reduce<unknown>((current, step) => work.apply(current, step), value);
  work.settle();
  return result;
}

/** The copies that one call makes: they may be written until all operations are done. */
class Work {
  readonly #copies = new Set<object>();

  apply(value: unknown, operation: Operation): unknown {
    const [kind, path] = operation;
    switch (kind) {
      case 'set':
        return this.#update(value, path, () => operation[2]);
      case 'delete':
        return this.#update(value, path.slice(0, -1), (parent) =>
          this.#without(parent, path.at(-1) as MapKey),
        );
      case 'splice': {
        const [, , index, removed, inserted] = operation;
        // Not splice(...): a long list does not fit into the arguments of a call.
        return this.#update(value, path, (list) =>
          this.#changeRows(list, (rows) =>
            rows.slice(0, index).concat(inserted, rows.slice(index + removed)),
          ),
        );
      }
      case 'arrange':
        return this.#update(value, path, (list) =>
          this.#changeRows(list, (rows) => arrange(rows, operation[2])),
        );
    }
  }

  settle(): void {
    for (const copy of this.#copies) markSettled(copy);
  }

  #update(
    value: unknown,
    path: Readonly<Path>,
    change: (leaf: unknown) => unknown,
    depth = 0,
  ): unknown {
    if (depth === path.length) return change(value);
    const key = path[depth] as MapKey;
    if (isSet(value)) {
      return this.#changeRows(value, (rows) =>
        rows.with(key as number, this.#update(rows[key as number], path, change, depth + 1)),
      );
    }
    const copy = this.#writable(value);
    if (copy instanceof StateMap) {
      Map.prototype.set.call(copy, key, this.#update(copy.get(key), path, change, depth + 1));
    } else {
      const record = copy as PlainObject;
      const name = key as string;
      record[name] = this.#update(record[name], path, change, depth + 1);
    }
    return copy;
  }

  #without(parent: unknown, key: MapKey): object {
    const copy = this.#writable(parent);
    if (copy instanceof StateMap) Map.prototype.delete.call(copy, key);
    else delete (copy as PlainObject)[key as string];
    return copy;
  }

  #changeRows(list: unknown, change: (rows: readonly unknown[]) => unknown[]): object {
    return this.#keep(
      isSet(list) ? StateSet.of(change([...list])) : change(list as readonly unknown[]),
    );
  }

  #writable(value: unknown): object {
    if (this.#copies.has(value as object)) return value as object;
    if (isMap(value)) return this.#keep(StateMap.of(value));
    return this.#keep(Array.isArray(value) ? [...value] : copyRecord(value as PlainObject));
  }

  #keep<T extends object>(copy: T): T {
    this.#copies.add(copy);
    return copy;
  }
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
