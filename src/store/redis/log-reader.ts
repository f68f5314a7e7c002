import type { ChainableCommander } from 'ioredis';
import { StoreCorruptedError } from '../../errors/index.ts';
import { emptySnapshot, type Position, type TokenSnapshot } from '../../state/snapshot.ts';
import { apply } from '../../values/apply.ts';
import type { Operation } from '../../values/operation.ts';
import type { CatchUp, Entry } from '../state-store.ts';
import { decode } from './codec.ts';
import type { TokenKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';

type StreamEntry = readonly [id: string, fields: readonly string[]];

/** What of an entry is encoded; the rest is for scripts to read. */
type EntryBody = readonly [Entry['operations'], Entry['changed']];

/**
 * What a copy is missing. All of it is read at one moment.
 *
 * @throws {@link StoreCorruptedError}
 */
export async function readCatchUp(
  redis: RedisConnection,
  keys: TokenKeys,
  known: Position,
): Promise<CatchUp> {
  if (known.version > 0) {
    const [head, log] = (await atOnce(redis, (step) =>
      step.hmget(keys.head, ...headFields).xrange(keys.log, `${known.version}-0`, '+'),
    )) as [(string | null)[], StreamEntry[]];
    const newest = positionOf(head);
    if (newest.id === known.id) return { snapshot: null, entries: [] };
    const [first, ...rest] = log;
    if (newest.version > known.version && first && partsOf(first).id === known.id) {
      return { snapshot: null, entries: entriesOf(rest, known, newest) };
    }
  }
  const [head, chunks, log] = (await atOnce(redis, (step) =>
    step
      .hmget(keys.head, ...headFields)
      .hgetall(keys.snapshot)
      .xrange(keys.log, '-', '+'),
  )) as [(string | null)[], Record<string, string>, StreamEntry[]];
  const newest = positionOf(head);
  // What is left of an earlier life says nothing.
  if (newest.version === 0) return { snapshot: emptySnapshot, entries: [] };
  const snapshot = snapshotOf(chunks, newest.firstId);
  const later = log.filter(([id]) => versionOf(id) > snapshot.position.version);
  return { snapshot, entries: entriesOf(later, snapshot.position, newest) };
}

/** The field 0 of a snapshot; its chunks are in those after it. */
interface SnapshotHeader {
  readonly position: Position;
  readonly chunks: number;
}

const headFields = ['version', 'id', 'first'] as const;

async function atOnce(
  redis: RedisConnection,
  add: (step: ChainableCommander) => ChainableCommander,
): Promise<unknown[]> {
  return redis.send(async (client) => {
    const answers = (await add(client.multi()).exec()) ?? [];
    return answers.map(([error, answer]) => {
      if (error) throw error;
      return answer;
    });
  });
}

function positionOf([version, id, firstId]: readonly (string | null)[]): Position {
  const number = Number(version ?? 0);
  if (!Number.isSafeInteger(number) || number < 0 || (number > 0 && !(id && firstId))) {
    throw new StoreCorruptedError('its head makes no sense');
  }
  return Object.freeze({ version: number, id: id ?? '', firstId: firstId ?? '' });
}

function snapshotOf(stored: Record<string, string>, firstId: string): TokenSnapshot {
  const header = stored['0'];
  if (header === undefined) return emptySnapshot;
  const { position, chunks } = decode<SnapshotHeader>(header, 'the header of its snapshot');
  if (position?.firstId !== firstId) {
    throw new StoreCorruptedError('its snapshot is of another life');
  }
  const operations: Operation[] = [];
  for (let index = 1; index <= chunks; index += 1) {
    const chunk = decode<Operation[]>(stored[index] ?? '', `chunk ${index} of its snapshot`);
    for (const operation of chunk) operations.push(operation);
  }
  const states = applied(operations, 'its snapshot');
  return Object.freeze({ position, states });
}

function applied(operations: readonly Operation[], what: string): TokenSnapshot['states'] {
  try {
    return apply(Object.freeze({}), operations) as TokenSnapshot['states'];
  } catch (cause) {
    throw new StoreCorruptedError(`${what} makes no sense`, { cause });
  }
}

/** The entries from one position to another, each of them following the one before. */
function entriesOf(log: readonly StreamEntry[], from: Position, to: Position): Entry[] {
  let last = from;
  const entries = log.map((stored): Entry => {
    const { id, previousId, body } = partsOf(stored);
    const version = last.version + 1;
    const what = `entry ${version} of its log`;
    if (versionOf(stored[0]) !== version || previousId !== last.id || id === '') {
      throw new StoreCorruptedError(`${what} is missing`);
    }
    const [operations, changed] = decode<EntryBody>(body, what);
    if (!Array.isArray(operations) || typeof changed !== 'object') {
      throw new StoreCorruptedError(`${what} makes no sense`);
    }
    last = { version, id, firstId: to.firstId };
    return { ...last, previousId, operations, changed };
  });
  if (last.id !== to.id) throw new StoreCorruptedError(`its log ends at ${last.version}`);
  return entries;
}

/** Its id, the id of the one before, how long the log was then, and the rest: with spaces between. */
function partsOf([, [, text = '']]: StreamEntry): {
  readonly id: string;
  readonly previousId: string;
  readonly body: string;
} {
  const afterId = text.indexOf(' ');
  const afterPrevious = text.indexOf(' ', afterId + 1);
  return {
    id: text.slice(0, Math.max(afterId, 0)),
    previousId: text.slice(afterId + 1, Math.max(afterPrevious, 0)),
    body: text.slice(text.indexOf(' ', afterPrevious + 1) + 1),
  };
}

function versionOf(streamId: string): number {
  return Number(streamId.split('-', 1)[0]);
}
