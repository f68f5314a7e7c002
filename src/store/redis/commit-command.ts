import type { Commit } from '../state-store.ts';
import { isEmpty } from '../task-rules.ts';
import type { TokenKeys } from './keys.ts';
import { attemptOwner, endingArgs, memoryText, taskText } from './task-text.ts';

/** How a commit is sent. */
export interface CommitSettings {
  readonly lease: string;
  readonly leaseMs: number;
  /** The node that commits, and how its own channels end. */
  readonly node: string;
  readonly listener: string;
  /** How long tokens are kept, in ms; nothing for ever. */
  readonly ttl: number | '';
  /** The entry, and how long the log is with it. */
  readonly text: string;
  readonly total: number;
  /** Whether the lease begins anew with it, and whether it ends. */
  readonly renews: boolean;
  readonly letsGo: boolean;
}

/** What the commit script takes, see there. */
export function commitCommand(
  { head, log, snapshot, tasks: tasksKey, memories, waiters, over, ended: endedKey }: TokenKeys,
  { entry, tasks, task, attempt }: Commit,
  settings: CommitSettings,
): { readonly keys: string[]; readonly args: (string | number)[] } {
  const { lease, leaseMs, node, listener, ttl, text, total, renews, letsGo } = settings;
  const keys = [head, log];
  const args = [
    ...[lease, entry.previousId, entry.id, entry.version, total, text],
    ...[listener, renews ? leaseMs : ''],
  ];
  const { started, ended, saved = [] } = tasks;
  const hasTasks = task !== null || !isEmpty(tasks);
  if (entry.version === 1 || hasTasks || letsGo) {
    keys.push(snapshot, tasksKey, waiters, over, memories);
    // One that commits its own end is looked at as one that ends.
    const isItsEnd = ended.some(({ record }) => record.id === task);
    const writer = isItsEnd ? '' : (task ?? '');
    const owner = attempt === undefined ? node : attemptOwner(attempt);
    args.push(entry.firstId, ttl, node, writer, owner, letsGo ? 1 : 0);
    args.push(started.length, saved.length);
    for (const record of started) args.push(record.id, taskText(node, record));
    for (const memory of saved) args.push(memory.id, memoryText(memory));
    if (ended.length > 0) {
      keys.push(endedKey);
      args.push(...endingArgs(node, ended));
    }
  }
  return { keys, args };
}
