import { createApp, memoryStore } from 'statewire';
import { expect, it } from 'vitest';
import { createBuilder } from '../support/lab.ts';

const builder = createBuilder();
builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
const schema = builder.toSchema();

function createWith(limits: object) {
  return createApp({ schema, store: memoryStore(), development: true, limits });
}

it.each([
  [{ idleTtlMs: Number.NaN }, 'limits.idleTtlMs'],
  [{ idleTtlMs: 0 }, 'limits.idleTtlMs'],
  [{ idleTtlMs: '5' }, 'limits.idleTtlMs'],
  [{ maxHoldMs: Number.NaN }, 'limits.maxHoldMs'],
  [{ acquireTimeoutMs: -1 }, 'limits.acquireTimeoutMs'],
  [{ computedTimeoutMs: Number.POSITIVE_INFINITY }, 'limits.computedTimeoutMs'],
  [{ maxLag: -1 }, 'limits.maxLag'],
  [{ tasksPerToken: -1 }, 'limits.tasksPerToken'],
  [{ tasksPerProcess: Number.NaN }, 'limits.tasksPerProcess'],
  [{ interruptionsPerTask: -1 }, 'limits.interruptionsPerTask'],
  [{ interruptionsPerTask: null }, 'limits.interruptionsPerTask'],
  [{ queuedEventsPerToken: '5' }, 'limits.queuedEventsPerToken'],
  [{ queuedFollowUpsPerToken: null }, 'limits.queuedFollowUpsPerToken'],
  [{ idleTtlms: 5 }, 'idleTtlms'],
])('limits that make no sense are refused: %o', (limits, name) => {
  expect(() => createWith(limits)).toThrow(TypeError);
  expect(() => createWith(limits)).toThrow(name);
});

it.each([
  { idleTtlMs: Number.POSITIVE_INFINITY },
  { idleTtlMs: 1e300 },
  { finishedTaskTtlMs: 0 },
  { tasksPerToken: 0, tasksPerProcess: 0 },
  { queuedEventsPerToken: Number.POSITIVE_INFINITY, queuedFollowUpsPerToken: 1e300 },
])('limits at the edge are taken: %o', async (limits) => {
  await createWith(limits).close();
});
