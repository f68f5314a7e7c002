import type { TaskRecord } from '../state-store.ts';
import { decode, encode } from './codec.ts';

/** A task as it is kept: which node has it, a space, and what is known of it. */
export function taskText(node: string, record: TaskRecord): string {
  return `${node} ${encode(record)}`;
}

/** What is known of it alone, as scripts too give it. */
export function withoutNode(text: string): string {
  return text.slice(text.indexOf(' ') + 1);
}

/** @throws {@link StoreCorruptedError} */
export function taskRecord(text: string): TaskRecord {
  return decode<TaskRecord>(text, 'the record of a task');
}
