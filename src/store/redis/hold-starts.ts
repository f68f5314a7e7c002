import { StoreOutcomeError } from '../../errors/index.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { TaskRecord } from '../stored-task.ts';

/** How a node counts the tasks that are on record for it. */
export interface StartsHost {
  /** How a record begins that is this node's, without a space. */
  readonly node: string;
  /** Resolves when what is published about the token reaches this node. */
  heard(channel: string): Promise<void>;
  /** To be called before so many tasks are put on record; resolves to the node that they are to be of. */
  hold(key: TokenKey, count: number): Promise<string>;
  /** To be called when so many of the node are off it. */
  letGo(key: TokenKey, count: number, node: string): void;
  /** To be called when it is not known whether tasks are on record for the node; whoever waits for them is told so. */
  onUnanswered(key: TokenKey, started: readonly TaskRecord[], node: string): void;
  /** To be called before durable tasks are put on record: they are found then, whatever becomes of this node. */
  expect(key: TokenKey, ids: readonly string[]): Promise<void>;
}

/** Tasks of a token that are to be put on record. */
interface Starts {
  readonly key: TokenKey;
  readonly channel: string;
  readonly started: readonly TaskRecord[];
}

/** Those that are on record for a node, and not durable. */
export function nodeTasks(records: readonly TaskRecord[]): TaskRecord[] {
  return records.filter(({ durable }) => !durable);
}

/** The ids of those that are on record for no node. */
export function durableIds(records: readonly TaskRecord[]): string[] {
  return records.flatMap(({ id, durable }) => (durable ? [id] : []));
}

/**
 * Sends what puts tasks on record: they are held before, and let go of if none of them
 * is. Durable ones are expected.
 */
export async function holdStarts<T>(
  host: StartsHost,
  { key, channel, started }: Starts,
  send: (node: string) => Promise<T>,
): Promise<T> {
  const ids = durableIds(started);
  if (ids.length > 0) await host.expect(key, ids);
  const held = nodeTasks(started);
  if (held.length === 0) return send(host.node);
  // Whoever cancels one of them must be heard.
  await host.heard(channel);
  const node = await host.hold(key, held.length);
  try {
    return await send(node);
  } catch (error) {
    if (error instanceof StoreOutcomeError) host.onUnanswered(key, held, node);
    else host.letGo(key, held.length, node);
    throw error;
  }
}
