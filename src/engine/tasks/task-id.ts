import { randomUUID } from 'node:crypto';

/** A new UUID, as one piece of text: that of Node is put together of twenty, 800 bytes for as long as it is kept. */
export function newTaskId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}
