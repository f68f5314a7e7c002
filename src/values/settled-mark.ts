import { Given } from '../delta/given.ts';

/**
 * The mark of values that are settled, see {@link markSettled}: a private field on objects of
 * any class. A WeakSet would do the same, but its table, with an entry for each object of
 * each event, was half of the garbage collector's work.
 */
export class SettledMark extends Given {
  readonly #isSettled = true;

  static isOn(value: object): boolean {
    return #isSettled in value;
  }
}
