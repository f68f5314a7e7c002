import { z } from 'zod';
import { generateCsv } from '../generate-csv.ts';
import { parseCsv } from '../parse-csv.ts';
import { readPayment } from '../read-payment.ts';
import { CsvImport } from '../schema/csv-import.ts';

/** How many rows are imported under one lock, in one commit. */
const chunkSize = 20;

/** As long as it would take to read a chunk from elsewhere. */
const readMs = 150;

const rows = z
  .int()
  .min(1, 'An import has 1 row or more.')
  .max(5_000, 'An import has at most 5,000 rows.');

/**
 * Imports a file in place of what is there. However it ends, what it has imported
 * stays, and the next one may start: there is nothing to clean up in an `onExit`.
 */
export const run = CsvImport.background('run', {
  args: (t) => ({ rows: t.int({ required: true, validate: rows }) }),
  // One at a time: who starts another is told so at once.
  concurrency: { limit: 1, onLimit: 'reject' },
}).resolve(async (self, args) => {
  const report = (done: number) => self.report(done / args.rows, `${done} of ${args.rows} rows`);
  await self.modifyState((s) => s.reset());
  report(0);

  const records = parseCsv(generateCsv(args.rows));
  records.next(); // the names of the columns
  let done = 0;
  for (const chunk of chunksOf(records, chunkSize)) {
    await self.sleep(readMs); // no lock is held here; if the task is cancelled, it ends here
    await self.modifyState((s) => {
      for (const read of chunk.map(readPayment)) {
        if (typeof read === 'object') {
          s.rows.push(read);
          continue;
        }
        const skip = s.skips.find(({ reason }) => reason === read);
        if (skip) skip.rows += 1;
        else s.skips.push({ reason: read, rows: 1 });
      }
    });
    done += chunk.length;
    report(done);
  }
});

/** An import that is under way goes on with its next rows. */
export const clear = CsvImport.event('clear').resolve((s) => {
  s.reset();
});

function* chunksOf<Item>(items: Iterable<Item>, size: number): Generator<Item[], void> {
  let chunk: Item[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
