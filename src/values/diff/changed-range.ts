/** The part of a list between rows that are the same at both ends. */
export interface ChangedRange {
  readonly start: number;
  /** How many rows of the old list are in it. */
  readonly removed: number;
  /** The rows of the new list in it. */
  readonly inserted: readonly unknown[];
}

export function changedRange(before: readonly unknown[], after: readonly unknown[]): ChangedRange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  // Settled values hold no NaN and no -0, for which this would be another question.
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  return {
    start,
    removed: before.length - start - end,
    inserted: after.slice(start, after.length - end),
  };
}
