import { StoreCorruptedError } from '../../errors/index.ts';
import { StateMap } from '../../values/collections/state-map.ts';
import { StateSet } from '../../values/collections/state-set.ts';
import { isMap, isSet, type PlainObject } from '../../values/plain.ts';
import { markSettled } from '../../values/settle.ts';
import { StateDate } from '../../values/state-date.ts';

/**
 * What JSON does not have is an object with one of these names, and its parts. Own
 * code, since every commit goes through it, and what is read has to be walked
 * anyway to be frozen: encoders that keep such values take three times as long.
 */
const tags = { date: '$date', map: '$map', set: '$set', bigint: '$bigint' } as const;

/** What tags begin with; a key that begins with it has it once more. */
const mark = '$';

/** A settled value as text. ioredis sends strings twice as fast as bytes. */
export function encode(value: unknown): string {
  return JSON.stringify(toJson(value));
}

/**
 * The value, settled.
 *
 * @throws {@link StoreCorruptedError} if it is not a text that {@link encode} made.
 */
export function decode<T>(text: string, what: string): T {
  return parse(text, what, revived) as T;
}

/** The same for operations of several entries, each of them at that place in its list: only the values in them are settled. */
export function decodeEntries<T>(text: string, place: number, what: string): T[] {
  return parse(text, what, (entries) => {
    for (const entry of entries as unknown[][]) {
      for (const operation of entry[place] as unknown[][]) reviveOperation(operation);
    }
    return entries;
  }) as T[];
}

function parse(text: string, what: string, revive: (json: unknown) => unknown): unknown {
  try {
    return revive(JSON.parse(text));
  } catch (cause) {
    throw new StoreCorruptedError(`${what} cannot be decoded`, { cause });
  }
}

/** The same value if it is JSON all through: nothing is copied then. */
function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return { [tags.bigint]: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return listToJson(value);
  if (value instanceof Date) return { [tags.date]: value.getTime() };
  if (isMap(value)) return { [tags.map]: [...value].map(listToJson) };
  if (isSet(value)) return { [tags.set]: listToJson([...value]) };
  return recordToJson(value as PlainObject);
}

function listToJson(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index];
    const json = toJson(item);
    if (json !== item) copy ??= list.slice(0, index);
    copy?.push(json);
  }
  return copy ?? list;
}

function recordToJson(record: PlainObject): PlainObject {
  let copy: PlainObject | null = null;
  for (const key in record) {
    const child = record[key];
    const json = toJson(child);
    const isPlain = json === child && !key.startsWith(mark);
    if (!isPlain) copy ??= upTo(record, key);
    if (copy) copy[key.startsWith(mark) ? mark + key : key] = json;
  }
  return copy ?? record;
}

/** A copy with the keys before the given one. */
function upTo(record: PlainObject, end: string): PlainObject {
  const copy: PlainObject = {};
  for (const key in record) {
    if (key === end) break;
    copy[key] = record[key];
  }
  return copy;
}

/** Its kind and its path are no values. */
function reviveOperation(operation: unknown[]): void {
  const path = operation[1] as unknown[];
  for (let index = 0; index < path.length; index += 1) path[index] = revived(path[index]);
  for (let index = 2; index < operation.length; index += 1) {
    operation[index] = revived(operation[index]);
  }
}

/** In place: nobody else has what was just parsed. */
function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item = value[index];
      if (typeof item === 'object') value[index] = revived(item);
    }
    return markSettled(value);
  }
  const record = value as PlainObject;
  for (const key in record) {
    if (key.startsWith(mark)) return revivedSpecial(record);
    if (key === '__proto__') throw new TypeError('Expected no such key.');
    const child = record[key];
    if (typeof child === 'object') record[key] = revived(child);
  }
  return markSettled(record);
}

/** An object that stands for something else, or has a key that looks like it. */
function revivedSpecial(record: PlainObject): unknown {
  const [[tag, part] = [], ...others] = Object.entries(record);
  if (others.length === 0) {
    switch (tag) {
      case tags.bigint:
        return BigInt(part as string);
      case tags.date:
        return markSettled(new StateDate(part as number));
      case tags.map:
        return markSettled(StateMap.of((part as unknown[]).map(revived) as [unknown, unknown][]));
      case tags.set:
        return markSettled(StateSet.of((part as unknown[]).map(revived)));
    }
  }
  const copy: PlainObject = {};
  for (const [key, child] of Object.entries(record)) {
    if (key.startsWith(mark) && !key.startsWith(mark + mark)) {
      throw new TypeError(`Expected no key ${key}.`);
    }
    if (key === '__proto__') throw new TypeError('Expected no such key.');
    copy[key.startsWith(mark) ? key.slice(mark.length) : key] = revived(child);
  }
  return markSettled(copy);
}
