import { isSettled } from '../../../values/settle.ts';
import { noteOrigin, originOf } from './origins.ts';
import { absent, type PureOutput } from './pure-output.ts';
import { reuseRows } from './reuse-rows.ts';

type Rows = readonly unknown[];

/** A list whose items are pure. */
export class PureList implements PureOutput {
  readonly #item: PureOutput;
  readonly #isNullable: boolean;

  constructor(item: PureOutput, isNullable: boolean) {
    this.#item = item;
    this.#isNullable = isNullable;
  }

  enter(value: unknown, before: unknown): unknown {
    if (!Array.isArray(value)) return absent(value, this.#isNullable);
    if (!isSettled(value)) return Array.from(value, (item) => this.#item.enter(item, undefined));
    const from = originOf(before, this) as Rows | undefined;
    if (from === value) return before;
    const result = this.#rows(value, from && (before as Rows), from);
    noteOrigin(result, { maker: this, source: value });
    return result;
  }

  inside(value: unknown, before: unknown, from: unknown): unknown {
    if (!Array.isArray(value)) return absent(value, this.#isNullable);
    if (value === from) return before;
    return Array.isArray(from) && Array.isArray(before)
      ? this.#rows(value, before, from)
      : this.#rows(value, undefined, undefined);
  }

  #rows(rows: Rows, before: Rows | undefined, from: Rows | undefined): Rows {
    const item = this.#item;
    if (before && from) return reuseRows(rows, { results: before, sources: from }, item);
    // Not map(): a list that it makes of a frozen one is written as JSON by a third slower.
    const results: unknown[] = [];
    for (const row of rows) results.push(item.inside(row, undefined, undefined));
    return results;
  }
}
