import { StoreCorruptedError } from '../../errors/index.ts';
import type { Position } from '../../state/snapshot.ts';
import type { Entry } from '../state-store.ts';
import { decodeEntries, encode } from './codec.ts';

/** An entry as it is stored: its id, the id of the one before, how long the log is before it, and the rest. */
type StoredEntry = readonly [
  id: string,
  previousId: string,
  logBytes: number,
  operations: Entry['operations'],
  changed: Entry['changed'],
];

/** Where its operations are. */
const operationsPlace = 3;

/** An entry as text, for a log that is so long without it. */
export function entryText(
  { id, previousId, operations, changed }: Entry,
  logBytes: number,
): string {
  return encode([id, previousId, logBytes, operations, changed] satisfies StoredEntry);
}

/**
 * Entries from one position to another, each of them following the one before.
 *
 * @param texts with commas between.
 * @throws {@link StoreCorruptedError}
 */
export function readEntries(
  texts: string,
  { from, to }: { readonly from: Position; readonly to: Position },
): Entry[] {
  const stored = decodeEntries<StoredEntry>(`[${texts}]`, operationsPlace, 'its log');
  let last = from;
  const { firstId } = to;
  const entries = stored.map(([id, previousId, , operations, changed]): Entry => {
    const version = last.version + 1;
    if (previousId !== last.id || typeof id !== 'string') {
      throw new StoreCorruptedError(`entry ${version} of its log is missing`);
    }
    if (!Array.isArray(operations) || typeof changed !== 'object') {
      throw new StoreCorruptedError(`entry ${version} of its log makes no sense`);
    }
    const entry = { version, id, firstId, previousId, operations, changed };
    last = entry;
    return entry;
  });
  if (last.id !== to.id || last.version !== to.version) {
    throw new StoreCorruptedError(`its log ends at ${last.version}`);
  }
  return entries;
}
