import { Given } from './given.ts';

/** The part of a list between rows that are the same objects at both ends. */
export interface ChangedRange {
  readonly start: number;
  /** How many rows of the old list are in it. */
  readonly removed: number;
  /** How many rows of the new list are in it. */
  readonly inserted: number;
}

type Rows = readonly unknown[];

/** Shorter lists are compared as fast as they are looked up. */
const minRows = 64;

let lastNumber = 0;

/**
 * What is noted of a list, in private fields on it: the table of a WeakMap, with an entry
 * for each list of each event, would be a part of the garbage collector's work.
 */
class Note extends Given {
  static make(rows: Rows): void {
    if (!(#number in rows)) new Note(rows);
  }

  static set(before: Rows, after: Rows, range: ChangedRange): void {
    if (!(#number in before && #number in after)) return;
    after.#before = before.#number;
    after.#range = range;
  }

  static get(before: Rows, after: Rows): ChangedRange | null {
    const isKnown = #number in before && #number in after && after.#before === before.#number;
    return isKnown ? after.#range : null;
  }

  readonly #number = ++lastNumber;
  /** The number of the other list: itself, it would be kept for as long as this one, and so on. */
  #before = 0;
  #range: ChangedRange | null = null;
}

/** Makes a list, of those that are long, one that {@link noteRange} knows. It must not be frozen yet. */
export function makeNotable(rows: Rows): void {
  if (rows.length >= minRows) Note.make(rows);
}

/**
 * Says where a list differs from the one it was made from, for whoever comes next on the
 * way of an event: a commit, the execution of each selection and the wire delta would
 * compare the same rows again. Nobody may change either list from now on.
 */
export function noteRange(before: Rows, after: Rows, range: ChangedRange): void {
  Note.set(before, after, range);
}

/** What was said last of these two lists. */
export function notedRange(before: Rows, after: Rows): ChangedRange | null {
  return Note.get(before, after);
}
