import { isDeepStrictEqual } from 'node:util';
import { type Cell, cellAt, cellFields } from './cell.ts';
import type { Contender } from './channel.ts';

/** What clients send for one workload; each operation has the variable `$token`. */
export interface Operations {
  readonly subscription: string;
  /** Of the subscription. */
  readonly extensions?: object;
  readonly event: string;
  /** Whether the payloads of these two results are what an event is to bring about. */
  isRight(diff: unknown, answer: unknown): boolean;
}

/** An event that changes five scalars, and a subscription to them. */
export function cellOperations(
  contender: Contender,
  fields: readonly (keyof Cell)[] = cellFields,
): Operations {
  const selected = fields.join(' ');
  const state = contender === 'hand' ? selected : `state { ${selected} }`;
  const answered = contender === 'hand' ? 'n' : 'version';
  return {
    subscription: `subscription ($token: ID!) { cell(token: $token) { ${state} } }`,
    event: `mutation ($token: ID!) { cellBump(token: $token) { ${answered} } }`,
    isRight(diff, answer) {
      const { data } = answer as { data: { cellBump: { n?: number; version?: number } } };
      const n = data.cellBump.n ?? data.cellBump.version ?? 0;
      return n > 0 && isDeepStrictEqual(cellOf(diff), only(cellAt(n), fields));
    },
  };
}

/** The cell in a result, which `hand` has in the field itself. */
function cellOf(diff: unknown): unknown {
  const { cell } = (diff as { data: { cell: Partial<Cell> & { state?: Partial<Cell> } } }).data;
  return cell.state ?? cell;
}

function only(cell: Cell, fields: readonly (keyof Cell)[]): Partial<Cell> {
  return Object.fromEntries(fields.map((field) => [field, cell[field]]));
}

/** An event that changes one field of one of so many rows, and a subscription to all of them. */
export function rowsOperations(rows: number, wire: 'delta' | 'whole'): Operations {
  return {
    subscription:
      'subscription ($token: ID!) { table(token: $token) { state { rows { id text done } } } }',
    ...(wire === 'delta' ? { extensions: { delta: 1 } } : {}),
    event: 'mutation ($token: ID!) { tableToggle(token: $token) { version } }',
    isRight(diff) {
      if (wire === 'delta') return 'delta' in (diff as object);
      const { data } = diff as { data: { table: { state: { rows: unknown[] } } } };
      return data.table.state.rows.length === rows;
    },
  };
}

/** Makes the rows; with the variables `$token` and `$rows`. */
export const fillRows =
  'mutation ($token: ID!, $rows: Int!) { tableFill(token: $token, rows: $rows) { version } }';

/** A subscription to the ticks of `$token`. */
export function tickOperation(contender: Contender): string {
  const state = contender === 'hand' ? 'due' : 'state { due }';
  return `subscription ($token: ID!) { ticker(token: $token) { ${state} } }`;
}
