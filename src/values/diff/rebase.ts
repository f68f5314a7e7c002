import { apply } from '../apply.ts';
import type { Operation } from '../operation.ts';
import { isObject, type Path } from '../plain.ts';
import { difference } from './diff.ts';

/** A settled value in terms of the one it follows. */
export interface Rebased {
  /** Equal to the new value; every part that did not change is the old one's object. */
  readonly value: unknown;
  /** What leads from the old value to the new one, with paths that begin at `path`. */
  readonly operations: readonly Operation[];
}

/** Builds the new value on the old one, as every node that gets the operations will. */
export function rebase(
  before: unknown,
  after: unknown,
  { path, key }: { readonly path: Readonly<Path>; readonly key: string | null },
): Rebased {
  if (!isObject(before) || !isObject(after)) {
    return { value: after, operations: Object.is(before, after) ? [] : [['set', path, after]] };
  }
  const { operations, isBuiltOnBefore } = difference(before, after, { path, key });
  // What a draft made shares all that it can; a long list need not be copied once more.
  if (isBuiltOnBefore && operations.length > 0) return { value: after, operations };
  const within = operations.map(([kind, at, ...rest]) => [kind, at.slice(path.length), ...rest]);
  return { value: apply(before, within as unknown as Operation[]), operations };
}
