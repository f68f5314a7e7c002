import { turn } from '../../time/turn.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { type EndedTask, justEndedMs, maxEndedTasks, type StoredTask } from '../stored-task.ts';
import { decode, encode } from './codec.ts';
import type { Database } from './database.ts';
import { type Key, numbered, numberIn, recordsOf } from './keys.ts';

/** A task that has ended, as it is to be stored. */
export interface Ended extends EndedTask {
  readonly cancelledAt: number | null;
}

/** How many are looked at in one turn of the event loop. */
const tasksPerTurn = 1_000;

/** After every key. */
const end: Key = Buffer.of(0xff);

/** Those of a token that are listed at a time. One that is damaged is not. */
export function endedTasksOf(db: Database, token: TokenKey, now: number): StoredTask[] {
  return db.range(db.ended, recordsOf(token)).flatMap(({ key, value }) => {
    if (untilOf(key) <= now) return [];
    try {
      return [decode<StoredTask>(value, key, 'a task that has ended')];
    } catch {
      return [];
    }
  });
}

/** What adds tasks to those of a token, inside a write: the latest stay. */
export function addingEndedTasks(
  db: Database,
  token: TokenKey,
  { tasks, now }: { readonly tasks: readonly Ended[]; readonly now: number },
): () => void {
  const listed = tasks.filter(({ listedMs }) => listedMs > 0);
  if (listed.length === 0) return () => {};
  const added = listed.map(({ record, ending, cancelledAt, listedMs }) => {
    const at = keyOf(token, { id: record.id, endedAt: ending.endedAt, until: now + listedMs });
    return { at, bytes: encode({ record, cancelledAt, ending } satisfies StoredTask, at) };
  });
  const others = db.keys(db.ended, recordsOf(token)).filter((key) => untilOf(key) > now);
  const all = [...others, ...added.map(({ at }) => at)];
  const tooOld = all
    .sort(Buffer.compare)
    .slice(0, -maxEndedTasks)
    .filter((key) => numberIn(key) <= now - justEndedMs);
  return () => {
    for (const { at, bytes } of added) db.ended.put(at, bytes);
    for (const at of tooOld) db.ended.remove(at);
  };
}

/**
 * Deletes those that are listed no more, of every token.
 *
 * @throws {@link StoreWriteError}
 */
export async function sweepEndedTasks(db: Database, now: number): Promise<void> {
  let start: Key = Buffer.of(0);
  let keys: Key[];
  do {
    keys = db.keys(db.ended, { start, end, limit: tasksPerTurn });
    const over = keys.filter((key) => untilOf(key) <= now);
    if (over.length > 0) {
      await db.write(() => {
        for (const key of over) db.ended.remove(key);
      });
    }
    await turn();
    start = Buffer.concat([keys.at(-1) ?? start, Buffer.of(0)]);
  } while (keys.length === tasksPerTurn);
}

/**
 * By token, when it ended, until when it is listed, and id: so the latest are the last,
 * and what is over is found without a look at it.
 */
function keyOf(
  token: TokenKey,
  { id, endedAt, until }: { readonly id: string; readonly endedAt: number; readonly until: number },
): Key {
  return Buffer.concat([numbered(token, whole(endedAt), whole(until)), Buffer.from(id, 'latin1')]);
}

function untilOf(key: Key): number {
  return numberIn(key, 1);
}

/** For ever is no number that can be stored. */
function whole(ms: number): number {
  return Math.min(Math.ceil(ms), Number.MAX_SAFE_INTEGER);
}
