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
 * Imports a file in place of what is there, also if the server is restarted meanwhile.
 * However it ends, what it has imported stays, and the next one may start: there is
 * nothing to clean up in an `onExit`.
 */
export const run = CsvImport.background('run', {
  args: (t) => ({ rows: t.int({ required: true, validate: rows }) }),
  // One at a time: who starts another is told so at once.
  concurrency: { limit: 1, onLimit: 'reject' },
  durable: true,
}).resolve(async (self, args) => {
  const report = (done: number) => self.report(done / args.rows, `${done} of ${args.rows} rows`);
  let done = typeof self.resumed === 'number' ? self.resumed : 0;
  if (done === 0) await self.modifyState((s) => s.reset());
  report(done);

  const records = parseCsv(generateCsv(args.rows));
  // The names of the columns, and the rows that an earlier attempt has imported.
  for (let skipped = 0; skipped <= done; skipped += 1) records.next();
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
      self.checkpoint(done + chunk.length); // stored with the rows, or neither is
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
