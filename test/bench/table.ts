import type { Figure } from './figure.ts';

/** Prints figures as a table, one a row. */
export function printFigures(figures: readonly Figure[]): void {
  printTable([
    ['figure', 'value', 'low', 'high', 'must reach', 'beat'],
    ...figures.map(({ figure, value, low, high, mustReach, beat }) => [
      figure,
      ...[value, low, high, mustReach ?? '–', beat ?? '–'].map(text),
    ]),
  ]);
}

/** With three digits that mean something, or two decimals. */
function text(value: number | string): string {
  if (typeof value === 'string') return value;
  return Math.abs(value) < 0.1 ? value.toPrecision(2) : value.toFixed(2);
}

/** Prints rows of cells as a table; the first row is its head. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(cells.join('   '));
  }
  console.log();
}
