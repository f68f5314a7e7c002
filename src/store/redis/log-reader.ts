import { StoreCorruptedError } from '../../errors/index.ts';
import { emptySnapshot, type Position, type TokenSnapshot } from '../../state/snapshot.ts';
import { apply } from '../../values/apply.ts';
import type { Operation } from '../../values/operation.ts';
import type { CatchUp } from '../state-store.ts';
import { decode } from './codec.ts';
import type { TokenKeys } from './keys.ts';
import { readEntries } from './log-entry.ts';
import type { RedisConnection } from './redis-connection.ts';
import { readScript } from './scripts/read.ts';

type ReadAnswer = readonly [
  version: string,
  id: string,
  firstId: string,
  entries?: string,
  snapshot?: readonly string[],
];

/**
 * What a copy is missing. All of it is read at one moment.
 *
 * @param listens whether who reads is told of commits from now on.
 * @throws {@link StoreCorruptedError}
 */
export async function readCatchUp(
  redis: RedisConnection,
  keys: TokenKeys,
  { known, listens }: { readonly known: Position; readonly listens: boolean },
): Promise<CatchUp> {
  const args = [known.version, known.id, listens ? 1 : 0];
  const [version, id, firstId, texts, stored] = (await redis.run(
    readScript,
    [keys.head, keys.log, keys.snapshot],
    args,
  )) as ReadAnswer;
  const newest = headPosition(version, id, firstId);
  if (texts === undefined) return { snapshot: null, entries: [] };
  if (!stored) return { snapshot: null, entries: readEntries(texts, { from: known, to: newest }) };
  // What is left of an earlier life says nothing.
  if (newest.version === 0) return { snapshot: emptySnapshot, entries: [] };
  const snapshot = snapshotOf(fieldsOf(stored), newest.firstId);
  return { snapshot, entries: readEntries(texts, { from: snapshot, to: newest }) };
}

/** The field 0 of a snapshot; its chunks are in those after it. */
interface SnapshotHeader {
  readonly position: Position;
  readonly chunks: number;
}

function headPosition(text: string, id: string, firstId: string): Position {
  const version = Number(text);
  if (!Number.isSafeInteger(version) || version < 0 || (version > 0 && !(id && firstId))) {
    throw new StoreCorruptedError('its head makes no sense');
  }
  return Object.freeze({ version, id, firstId });
}

function fieldsOf(stored: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let index = 0; index < stored.length; index += 2) {
    fields.set(stored[index] ?? '', stored[index + 1] ?? '');
  }
  return fields;
}

function snapshotOf(stored: ReadonlyMap<string, string>, firstId: string): TokenSnapshot {
  const header = stored.get('0');
  if (header === undefined) return emptySnapshot;
  const { position, chunks } = decode<SnapshotHeader>(header, 'the header of its snapshot');
  if (position?.firstId !== firstId) {
    throw new StoreCorruptedError('its snapshot is of another life');
  }
  const operations: Operation[] = [];
  for (let index = 1; index <= chunks; index += 1) {
    const text = stored.get(String(index)) ?? '';
    const chunk = decode<Operation[]>(text, `chunk ${index} of its snapshot`);
    for (const operation of chunk) operations.push(operation);
  }
  const states = applied(operations, 'its snapshot');
  return Object.freeze({ ...position, states });
}

function applied(operations: readonly Operation[], what: string): TokenSnapshot['states'] {
  try {
    return apply(Object.freeze({}), operations) as TokenSnapshot['states'];
  } catch (cause) {
    throw new StoreCorruptedError(`${what} makes no sense`, { cause });
  }
}
