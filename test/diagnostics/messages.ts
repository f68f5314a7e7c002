import type { CommitMessage } from '../../src/diagnostics/commit.ts';
import type { LockMessage } from '../../src/diagnostics/lock.ts';
import type { DiffMessage } from '../../src/diagnostics/subscriber-diff.ts';
import type { TaskMessage } from '../../src/diagnostics/task.ts';
import { hashToken } from '../../src/tokens/token-key.ts';

/** What the engine would publish, for tests without one. */
export const token = hashToken('T');

export const eventMessage = (event = 'turn') => ({ token, state: 'Page', event });

export const taskRunMessage = (id = 'task 1') => ({ token, id, state: 'Page', event: 'print' });

export const commitMessage = (changes: Partial<CommitMessage> = {}): CommitMessage => ({
  ...{ token, label: 'Page.turn', version: 1, states: ['Page'], operations: 2, durationMs: 3 },
  ...changes,
});

export const lockMessage = (changes: Partial<LockMessage> = {}): LockMessage => ({
  ...{ token, label: 'Page.turn', waitMs: 20, holdMs: 4, outcome: 'released' },
  ...changes,
});

export const taskMessage = (
  status: TaskMessage['status'],
  changes: Partial<TaskMessage> = {},
): TaskMessage => ({ ...taskRunMessage(), parent: null, runMs: null, ...changes, status });

export const diffMessage = (changes: Partial<DiffMessage> = {}): DiffMessage => ({
  ...{ token, states: ['Page'], version: 1, reset: false, commits: 1 },
  ...changes,
});
