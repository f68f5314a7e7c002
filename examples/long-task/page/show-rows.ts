import type { WatchImportSubscription } from '../../gql/graphql.ts';
import { byId } from '../../page/dom.ts';

type ImportState = WatchImportSubscription['csvImport']['state'];

const because = {
  COLUMNS: 'with a column missing',
  EMAIL: 'without an email address',
  AMOUNT: 'without an amount',
};

const counts = byId('counts', HTMLElement);
const skips = byId('skips', HTMLElement);
const table = byId('table', HTMLTableElement);
const rows = byId('last', HTMLTableSectionElement);

/** Shows what is imported. */
export function showRows(state: ImportState): void {
  counts.textContent = `${state.imported} imported, ${state.skipped} skipped, ${money(state.sum)} in all`;
  const reasons = state.skips.map((skip) => `${skip.rows} ${because[skip.reason]}`);
  skips.textContent = reasons.length > 0 ? `Skipped: ${reasons.join(', ')}.` : '';
  table.hidden = state.last.length === 0;
  rows.replaceChildren(
    ...state.last.map(({ id, name, email, amount }) => rowOf(id, name, email, money(amount))),
  );
}

function rowOf(...texts: readonly string[]): HTMLElement {
  const row = document.createElement('tr');
  for (const text of texts) row.insertCell().textContent = text;
  return row;
}

function money(cents: number): string {
  return (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2 });
}
