/** The state of five scalars that every contender keeps for each token. */
export interface Cell {
  readonly n: number;
  readonly label: string;
  readonly ratio: number;
  readonly on: boolean;
  readonly count: number;
}

/** The cell after so many events: each event changes all of it. */
export function cellAt(n: number): Cell {
  return { n, label: `step ${n}`, ratio: n + 0.5, on: n % 2 === 1, count: n * 3 };
}

/** The names of its fields, as clients select them. */
export const cellFields = ['n', 'label', 'ratio', 'on', 'count'] as const;
