import { builder } from '../../builder.ts';
import { Payment } from './payment.ts';
import { Skip } from './skip.ts';

/** How many of the newest rows a client gets that does not want them all. */
const lastRows = 5;

export const CsvImport = builder.state('CsvImport', {
  description: 'A list that a long task fills from a CSV file.',
  vars: (t) => ({
    rows: t.field({ type: [Payment], key: 'id', default: [] }),
    skips: t.field({ type: [Skip], key: 'reason', default: [] }),
  }),
  computed: (t) => {
    const imported = t.int({ resolve: (s) => s.rows.length });
    const skipped = t.int({ resolve: (s) => s.skips.reduce((sum, { rows }) => sum + rows, 0) });
    return {
      imported,
      skipped,
      total: t.int({
        description: 'How many rows were read up to now.',
        resolve: (_s, read) => read(imported) + read(skipped),
      }),
      sum: t.int({
        description: 'Of all amounts, in cents.',
        resolve: (s) => s.rows.reduce((sum, { amount }) => sum + amount, 0),
      }),
      last: t.field({
        type: [Payment],
        key: 'id',
        description: `The last ${lastRows} rows, newest first.`,
        resolve: (s) => s.rows.slice(-lastRows).reverse(),
      }),
    };
  },
});
