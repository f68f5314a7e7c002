import { StoreCorruptedError } from '../../errors/index.ts';
import type { EndedTask, StoredTask, TaskMemory, TaskRecord } from '../stored-task.ts';
import { decode, encode } from './codec.ts';

/**
 * How a text begins: with the node that has the task, `@` and the latest attempt of a
 * durable one, or when it ended; `!` and when, in ms since 1970, if somebody has cancelled
 * it; a space. Scripts read it too.
 */
const beginning = /^(?:@(\d+)|[^ !]+)(?:!(\d+))? /;

/** The longest time that Redis can count with, in ms. */
const maxListedMs = Number.MAX_SAFE_INTEGER;

/** Whose a task is: of the node that runs it, or of the attempt that a durable one says it is. */
export function ownerOf(node: string, { durable, attempt }: TaskRecord): string {
  return durable ? attemptOwner(attempt) : node;
}

/** Whose a durable task is, of whatever node. */
export function attemptOwner(attempt: number): string {
  return `@${attempt}`;
}

/** A task as it is kept while it is on record. */
export function taskText(node: string, record: TaskRecord): string {
  return `${ownerOf(node, record)} ${recordText(record)}`;
}

/** What is known of it alone. */
export function recordText(record: TaskRecord): string {
  return encode(record);
}

/** @throws {@link StoreCorruptedError} */
export function taskOnRecord(text: string): StoredTask {
  const { json, cancelledAt, attempt } = parse(text);
  const record = decode<TaskRecord>(json, 'the record of a task');
  // It was claimed since it was described.
  const latest = attempt === null ? record : { ...record, attempt };
  return { record: latest, cancelledAt, ending: null };
}

/** What a durable task is to know, as it is kept beside its record. */
export function memoryText(memory: TaskMemory): string {
  return encode(memory);
}

/** @throws {@link StoreCorruptedError} */
export function memoryOnRecord(text: string | null): TaskMemory {
  if (text === null) throw new StoreCorruptedError('the memory of a task is missing');
  return decode<TaskMemory>(text, 'the memory of a task');
}

/** Whether it is a task of this node, or a durable one of any, and was cancelled. */
export function isCancelledOf(text: string, node: string): boolean {
  return text.startsWith(`${node}!`) || /^@\d+!/.test(text);
}

/** What scripts take that end tasks, see scripts/ending.ts. */
export function endingArgs(node: string, tasks: readonly EndedTask[]): (string | number)[] {
  return tasks.flatMap(({ record, ending, listedMs }) => [
    record.id,
    ownerOf(node, record),
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

interface TaskParts {
  /** The latest one of a durable task; null for another. */
  readonly attempt: number | null;
  readonly cancelledAt: number | null;
  readonly json: string;
}

function parse(text: string): TaskParts {
  const [begun, attempt, cancelledAt] = beginning.exec(text) ?? [];
  if (!begun) throw new StoreCorruptedError('what is kept of a task begins with nothing known');
  return {
    attempt: attempt ? Number(attempt) : null,
    cancelledAt: cancelledAt ? Number(cancelledAt) : null,
    json: text.slice(begun.length),
  };
}
