import type { TokenSnapshot } from '../state/snapshot.ts';
import type { Operation } from '../values/operation.ts';
import { isContainer, isMap, isSet, type MapKey, type PlainObject } from '../values/plain.ts';

type Path = readonly MapKey[];

/**
 * A snapshot in pieces that are encoded and written one by one, so that a large
 * one blocks nobody: the operations that lead from nothing to its states. Each
 * holds about `chunkBytes` of values; a longer string, or Set, is not split.
 */
export function* snapshotChunks(
  states: TokenSnapshot['states'],
  chunkBytes: number,
): Generator<readonly Operation[]> {
  let chunk: Operation[] = [];
  let bytes = 0;
  for (const operation of buildEntries(states, [], chunkBytes)) {
    const operationBytes = weigh(operation, chunkBytes);
    if (bytes + operationBytes > chunkBytes && chunk.length > 0) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(operation);
    bytes += operationBytes;
  }
  if (chunk.length > 0) yield chunk;
}

/** The operations that put a value in its place, none of them much larger than a chunk. */
function* build(value: unknown, path: Path, chunkBytes: number): Generator<Operation> {
  if (!isContainer(value) || isSet(value) || weigh(value, chunkBytes) < chunkBytes) {
    yield ['set', path, value];
    return;
  }
  if (Array.isArray(value)) yield* buildList(value, path, chunkBytes);
  else yield* buildEntries(value, path, chunkBytes);
}

/** A list, row by row: small rows together, large ones in pieces. */
function* buildList(
  rows: readonly unknown[],
  path: Path,
  chunkBytes: number,
): Generator<Operation> {
  yield ['set', path, []];
  let start = 0;
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const rowBytes = weigh(row, chunkBytes);
    if (bytes + rowBytes >= chunkBytes && start < index) {
      yield ['splice', path, start, 0, rows.slice(start, index)];
      start = index;
      bytes = 0;
    }
    if (rowBytes >= chunkBytes) {
      yield* build(row, [...path, index], chunkBytes);
      start = index + 1;
    } else {
      bytes += rowBytes;
    }
  }
  if (start < rows.length) yield ['splice', path, start, 0, rows.slice(start)];
}

/** A Map or an object, entry by entry. */
function* buildEntries(value: object, path: Path, chunkBytes: number): Generator<Operation> {
  const entries = isMap(value) ? value.entries() : Object.entries(value);
  // The outermost object is there already.
  if (path.length > 0) yield ['set', path, isMap(value) ? new Map() : {}];
  for (const [key, child] of entries) yield* build(child, [...path, key as MapKey], chunkBytes);
}

/** About how many bytes the value takes; no more than `limit` are counted. */
function weigh(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (!isContainer(value)) return 9;
  let bytes = 3;
  for (const part of partsOf(value)) {
    bytes += weigh(part, limit - bytes);
    if (bytes >= limit) break;
  }
  return bytes;
}

function* partsOf(value: object): Generator<unknown> {
  if (Array.isArray(value) || isSet(value)) yield* value;
  else if (isMap(value)) for (const entry of value) yield* entry;
  else {
    for (const key in value) {
      yield key;
      yield (value as PlainObject)[key];
    }
  }
}
