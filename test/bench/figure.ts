/** One number that a benchmark measured. */
export interface Figure {
  readonly figure: string;
  /** The median of the rounds, with the lowest and the highest of them; n/a if there is no peer. */
  readonly value: number | 'n/a';
  readonly low: number | 'n/a';
  readonly high: number | 'n/a';
  /** What the value must reach, if it must. */
  readonly mustReach: number | null;
  /** The number of somebody else to beat, if there is one. */
  readonly beat: number | null;
}

/** The value in the middle, and the range, of what the rounds measured. */
export function spread(
  values: readonly number[],
): Readonly<Record<'value' | 'low' | 'high', number>> {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  const value = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  return { value, low: at(0), high: at(sorted.length - 1) };
}
