/**
 * How one result of a subscription follows from the one before; the wire form
 * is specified in PROTOCOL.md. What a patch says depends on what it is applied to:
 *
 * | patch | on | the new value |
 * |---|---|---|
 * | a string, number, boolean, null | anything | the patch itself |
 * | `[value]` | anything | `value`, a list or an object |
 * | `[]` | a field of an object | none: the field is gone |
 * | `{ field: patch, … }` | an object | the same with these fields patched or added |
 * | `{ index: patch, … }` | a list | the same with these rows patched |
 * | `[at, removed, ...inserted]` | a list | `inserted` in place of `removed` rows |
 * | `[at, removed, inserted]` | a string | `inserted` in place of `removed` UTF-16 units |
 * | `[[from, count], to]` | a list | `count` rows taken out at `from`, and put in at `to` of what is left |
 * | `[patch, patch, …]` | a list | after each of these, in order; each one is a list or an object |
 */
export type Patch =
  | Scalar
  | readonly []
  | readonly [value: unknown]
  | PatchOfParts
  | SplicePatch
  | MovePatch
  | readonly ListPatch[];

/** What changes rows, or which there are. */
export type ListPatch = PatchOfParts | SplicePatch | MovePatch;

export type SplicePatch = readonly [at: number, removed: number, ...inserted: unknown[]];

export type MovePatch = readonly [run: readonly [from: number, count: number], to: number];

export interface PatchOfParts {
  readonly [fieldOrIndex: string]: Patch;
}

type Scalar = string | number | boolean | null;

/** The format of patches that this release has: what a client asks for in `extensions.delta`. */
export const deltaVersion = 1;

/** A result as the difference to the one before: its number since the last whole one, from 1, and the patch. */
export interface DeltaMessage {
  readonly delta: readonly [number: number, patch: Patch];
}
