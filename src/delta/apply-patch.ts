import type { ListPatch, MovePatch, Patch, PatchOfParts, SplicePatch } from './patch.ts';

/** A patch that does not fit what it is applied to: something between was lost. */
export class PatchMismatchError extends Error {
  override readonly name = 'PatchMismatchError';
}

const maxArguments = 10_000;

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
    return isList(value) ? patched(value, [patch]) : patchFields(fieldsOf(value), patch);
  }
  if (patch.length === 1) return patch[0];
  if (patch.length === 0) throw new PatchMismatchError('Expected a value, got the end of a field.');
  const isSplice = typeof patch[0] === 'number';
  if (isSplice && typeof value === 'string') return spliceText(value, patch as SplicePatch);
  const isOneStep = isSplice || typeof patch[1] === 'number';
  return patched(listOf(value), (isOneStep ? [patch] : patch) as readonly ListPatch[]);
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

/** A copy of the list after the steps, each of which is done in place. */
function patched(list: readonly unknown[], steps: readonly ListPatch[]): readonly unknown[] {
  const rows = [...list];
  for (const step of steps) {
    if (!isList(step)) patchRows(rows, step as PatchOfParts);
    else if (typeof step[0] === 'number') spliceRows(rows, step as SplicePatch);
    else moveRows(rows, step as MovePatch);
  }
  return rows;
}

function patchRows(rows: unknown[], patch: PatchOfParts): void {
  for (const [index, part] of Object.entries(patch)) {
    const place = placeIn(
      rows,
      String(Number(index)) === index ? Number(index) : -1,
      rows.length - 1,
    );
    rows[place] = applyPatch(rows[place], part);
  }
}

function spliceRows(rows: unknown[], [at, removed, ...inserted]: SplicePatch): void {
  const end = placeIn(rows, at + removed, rows.length);
  replace(rows, placeIn(rows, at, end), removed, inserted);
}

function moveRows(rows: unknown[], [[from, count], to]: MovePatch): void {
  const end = placeIn(rows, from + count, rows.length);
  const run = rows.splice(placeIn(rows, from, end), count);
  replace(rows, placeIn(rows, to, rows.length), 0, run);
}

/** As `splice` does it, which takes no more rows than a call may have arguments. */
function replace(rows: unknown[], at: number, removed: number, inserted: readonly unknown[]): void {
  if (inserted.length <= maxArguments) {
    rows.splice(at, removed, ...inserted);
    return;
  }
  const rest = rows.slice(at + removed);
  rows.length = at;
  for (const row of inserted) rows.push(row);
  for (const row of rest) rows.push(row);
}

function spliceText(text: string, [at, removed, inserted = '']: SplicePatch): string {
  const end = placeIn(text, at + removed, text.length);
  return text.slice(0, placeIn(text, at, end)) + String(inserted) + text.slice(end);
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
