import type { Patch, PatchOfParts, SplicePatch } from './patch.ts';

/** A patch that does not fit what it is applied to: something between was lost. */
export class PatchMismatchError extends Error {
  override readonly name = 'PatchMismatchError';
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The value after a patch. Changes nothing in place: what the patch leaves
 * alone is the same object in both.
 *
 * @throws {@link PatchMismatchError}
 */
export function applyPatch(value: unknown, patch: Patch): unknown {
  if (!isList(patch)) {
    if (typeof patch !== 'object' || patch === null) return patch;
    return isList(value) ? patchRows(value, patch) : patchFields(fieldsOf(value), patch);
  }
  if (patch.length === 1) return patch[0];
  const [first, second] = patch as readonly unknown[];
  if (typeof first === 'number') return splice(value, patch as SplicePatch);
  if (isList(first) && typeof second === 'number') return move(listOf(value), first, second);
  if (patch.length === 0) throw new PatchMismatchError('Expected a value, got the end of a field.');
  return (patch as readonly Patch[]).reduce(applyPatch, listOf(value));
}

function patchFields(fields: Fields, patch: PatchOfParts): Fields {
  const result: Record<string, unknown> = { ...fields };
  for (const [name, part] of Object.entries(patch)) {
    // Assigned, it would become the object's prototype.
    if (name === '__proto__') throw new PatchMismatchError('Expected a field, got "__proto__".');
    if (isList(part) && part.length === 0) delete result[name];
    else result[name] = applyPatch(Object.hasOwn(fields, name) ? fields[name] : undefined, part);
  }
  return result;
}

function patchRows(rows: readonly unknown[], patch: PatchOfParts): readonly unknown[] {
  const result = [...rows];
  for (const [index, part] of Object.entries(patch)) {
    result[placeIn(rows, Number(index), rows.length - 1)] = applyPatch(rows[Number(index)], part);
  }
  return result;
}

function splice(value: unknown, [at, removed, ...inserted]: SplicePatch): unknown {
  if (typeof value === 'string') {
    const start = placeIn(value, at, value.length);
    const end = placeIn(value, at + removed, value.length);
    return value.slice(0, start) + String(inserted[0] ?? '') + value.slice(end);
  }
  const rows = listOf(value);
  const start = placeIn(rows, at, rows.length);
  const end = placeIn(rows, at + removed, rows.length);
  return [...rows.slice(0, start), ...inserted, ...rows.slice(end)];
}

function move(rows: readonly unknown[], run: readonly unknown[], to: number): readonly unknown[] {
  const [from, count] = run as [number, number];
  const end = placeIn(rows, from + count, rows.length);
  const moved = rows.slice(placeIn(rows, from, end), end);
  const rest = [...rows.slice(0, from), ...rows.slice(end)];
  rest.splice(placeIn(rest, to, rest.length), 0, ...moved);
  return rest;
}

function placeIn(value: ArrayLike<unknown>, place: number, last: number): number {
  if (Number.isInteger(place) && place >= 0 && place <= last) return place;
  throw new PatchMismatchError(`Expected a place in ${value.length}, got ${place}.`);
}

function listOf(value: unknown): readonly unknown[] {
  if (isList(value)) return value;
  throw new PatchMismatchError(`Expected a list, got ${typeof value}.`);
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null) return value as Fields;
  throw new PatchMismatchError(`Expected an object, got ${typeof value}.`);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
