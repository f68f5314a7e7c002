import { isMap, isPlainObject, isSet, type PlainObject } from './plain.ts';

/**
 * A deep copy that shares nothing with drafts, snapshots or the caller:
 * arguments of a follow-up keep the values they had when it was triggered.
 * Instances of classes (an upload, say) are passed on as they are.
 */
export function detached<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Date) return new Date(value.getTime());
  if (isMap(value)) return new Map([...value].map(([key, child]) => [key, copy(child)]));
  if (isSet(value)) return new Set([...value].map(copy));
  if (!isPlainObject(value)) return value;
  const copied: PlainObject = {};
  for (const key of Object.keys(value)) copied[key] = copy(value[key]);
  return copied;
}
