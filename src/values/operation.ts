import type { Path } from './plain.ts';

/**
 * One step from a settled value to the next. Paths lead to the value that is
 * set or deleted, or to the list whose rows are spliced or arranged anew. A Set
 * counts as the list of its members.
 */
export type Operation =
  | readonly ['set', path: Readonly<Path>, value: unknown]
  | readonly ['delete', path: Readonly<Path>]
  | readonly [
      'splice',
      path: Readonly<Path>,
      index: number,
      removed: number,
      inserted: readonly unknown[],
    ]
  | readonly ['arrange', path: Readonly<Path>, segments: readonly Segment[]];

/** A run of rows of a list as it was, or new rows. A list is the sequence of its segments. */
export type Segment =
  | readonly ['copy', from: number, count: number]
  | readonly ['insert', rows: readonly unknown[]];
