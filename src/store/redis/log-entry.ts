import { StoreCorruptedError } from '../../errors/index.ts';
import type { Position } from '../../state/snapshot.ts';
import type { Entry } from '../state-store.ts';
import { decode, encode } from './codec.ts';

/** An entry as it is stored: its id, the id of the one before, how long the log is with it, and the rest. */
type StoredEntry = readonly [
  id: string,
  previousId: string,
  total: number,
  operations: Entry['operations'],
  changed: Entry['changed'],
];

/** The text of an entry, and how long the log is with it: about as many bytes. */
export function entryText(
  { id, previousId, operations, changed }: Entry,
  logBytes: number,
): { readonly text: string; readonly total: number } {
  const rest = encode([operations, changed]).slice(1);
  const total = logBytes + rest.length;
  return { text: `["${id}","${previousId}",${total},${rest}`, total };
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
  const stored = decode<StoredEntry[]>(`[${texts}]`, 'its log');
  let last = from;
  const entries = stored.map(([id, previousId, , operations, changed]): Entry => {
    const version = last.version + 1;
    if (previousId !== last.id || typeof id !== 'string') {
      throw new StoreCorruptedError(`entry ${version} of its log is missing`);
    }
    if (!Array.isArray(operations) || typeof changed !== 'object') {
      throw new StoreCorruptedError(`entry ${version} of its log makes no sense`);
    }
    last = { version, id, firstId: to.firstId };
    return { ...last, previousId, operations, changed };
  });
  if (last.id !== to.id || last.version !== to.version) {
    throw new StoreCorruptedError(`its log ends at ${last.version}`);
  }
  return entries;
}
