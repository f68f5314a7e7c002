import type { Path } from './plain.ts';

/**
 * One step from a settled value to the next. Paths lead to the value that is
 * set or deleted, or to the list that is spliced.
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
    ];
