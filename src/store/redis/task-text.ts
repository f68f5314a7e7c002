import { StoreCorruptedError } from '../../errors/index.ts';
import type { EndedTask, StoredTask, TaskRecord } from '../stored-task.ts';
import { decode, encode } from './codec.ts';

/**
 * How a text begins: with the node that has the task, or when it ended; `!` and when, in
 * ms since 1970, if somebody has cancelled it; a space. Scripts read it too.
 */
const beginning = /^[^ !]+(?:!(\d+))? /;

/** The longest time that Redis can count with, in ms. */
const maxListedMs = Number.MAX_SAFE_INTEGER;

/** A task as it is kept while it is on record. */
export function taskText(node: string, record: TaskRecord): string {
  return `${node} ${recordText(record)}`;
}

/** What is known of it alone. */
export function recordText(record: TaskRecord): string {
  return encode(record);
}

/** @throws {@link StoreCorruptedError} */
export function taskOnRecord(text: string): StoredTask {
  const { json, cancelledAt } = parse(text);
  return { record: decode<TaskRecord>(json, 'the record of a task'), cancelledAt, ending: null };
}

/** Whether it is a task of this node, and was cancelled. */
export function isCancelledOf(text: string, node: string): boolean {
  return text.startsWith(`${node}!`);
}

/** What scripts take that end tasks, see scripts/ending.ts. */
export function endingArgs(tasks: readonly EndedTask[]): (string | number)[] {
  return tasks.flatMap(({ record, ending, listedMs }) => [
    record.id,
    ending.outcome === 'CANCELLED' ? 1 : 0,
    Math.min(Math.ceil(listedMs), maxListedMs),
    Math.floor(ending.endedAt * 1_000),
    listedMs > 0 ? encode({ record, ending }) : '',
  ]);
}

/** @throws {@link StoreCorruptedError} */
export function endedTask(text: string): StoredTask {
  const { json, cancelledAt } = parse(text);
  const { record, ending } = decode<Pick<EndedTask, 'record' | 'ending'>>(json, 'an ended task');
  return { record, cancelledAt, ending };
}

function parse(text: string): Pick<StoredTask, 'cancelledAt'> & { readonly json: string } {
  const [begun, cancelledAt] = beginning.exec(text) ?? [];
  if (!begun) throw new StoreCorruptedError('what is kept of a task begins with nothing known');
  const json = text.slice(begun.length);
  return { json, cancelledAt: cancelledAt ? Number(cancelledAt) : null };
}
