import { expect, it } from 'vitest';
import { MemoryStateStore } from '../../src/store/memory/memory-state-store.ts';
import type { TaskRecord } from '../../src/store/stored-task.ts';
import { systemClock } from '../../src/time/clock.ts';
import { hashToken } from '../../src/tokens/token-key.ts';

const record: TaskRecord = {
  id: 'task',
  state: 'Cell',
  event: 'work',
  parent: null,
  attempt: 1,
  context: null,
  createdAt: 0,
  startedAt: null,
  progress: null,
  message: null,
};

it('what is swept is gone for good: tasks that have ended are not kept for ever', async () => {
  let now = 1_000;
  const store = new MemoryStateStore({ ...systemClock, now: () => now });
  const key = hashToken('T');
  const ending = { outcome: 'SUCCEEDED', endedAt: now, error: null } as const;
  const ended = [{ record, ending, listedMs: 100 }];
  await store.trackTasks(key, { started: [record], ended });
  await store.sweep();
  expect(await store.listTasks(key)).toHaveLength(1);
  now += 100;
  await store.sweep();
  // Only what is still there could be seen again.
  now -= 100;
  expect(await store.listTasks(key)).toEqual([]);
});
