import { Counter, type OpenMetricsContentType, Registry, register } from 'prom-client';
import { collectMetrics } from 'statewire/metrics';
import { expect, it, onTestFinished } from 'vitest';
import { commits } from '../../src/diagnostics/commit.ts';
import { traceEvent } from '../../src/diagnostics/event.ts';
import { locks } from '../../src/diagnostics/lock.ts';
import { storeErrors } from '../../src/diagnostics/store-error.ts';
import { subscriberDiffs } from '../../src/diagnostics/subscriber-diff.ts';
import { subscriberLags } from '../../src/diagnostics/subscriber-lag.ts';
import { taskChanges } from '../../src/diagnostics/task.ts';
import { StoreUnavailableError } from '../../src/errors/index.ts';
import {
  commitMessage,
  diffMessage,
  eventMessage,
  lockMessage,
  taskMessage,
  token,
} from './messages.ts';

/** A registry with the metrics, until the test ends. */
function collect(): Registry {
  const registry = new Registry();
  onTestFinished(collectMetrics(registry));
  return registry;
}

/** The lines of a metric that have a value, without what histograms say of their buckets. */
async function linesOf(registry: Registry, name: string): Promise<string[]> {
  const text = await registry.getSingleMetricAsString(name);
  return text.split('\n').filter((line) => !line.startsWith('#') && !line.includes('_bucket'));
}

it('commits are counted by who made them, and timed in seconds', async () => {
  const registry = collect();
  commits.publish(commitMessage({ durationMs: 250 }));
  commits.publish(commitMessage({ durationMs: 250 }));
  commits.publish(commitMessage({ label: 'app.modifyState', durationMs: 1_000 }));
  expect(await linesOf(registry, 'statewire_commits_total')).toEqual([
    'statewire_commits_total{label="Page.turn"} 2',
    'statewire_commits_total{label="app.modifyState"} 1',
  ]);
  expect(await linesOf(registry, 'statewire_commit_duration_seconds')).toEqual([
    'statewire_commit_duration_seconds_sum 1.5',
    'statewire_commit_duration_seconds_count 3',
  ]);
});

it('each wait for a lock is timed, and the hold of those that were had', async () => {
  const registry = collect();
  locks.publish(lockMessage({ waitMs: 500, holdMs: 250 }));
  locks.publish(lockMessage({ waitMs: 0, holdMs: 2_000, outcome: 'lost' }));
  locks.publish(lockMessage({ waitMs: 1_000, holdMs: 0, outcome: 'timeout' }));
  locks.publish(lockMessage({ waitMs: 500, holdMs: 0, outcome: 'abandoned' }));
  expect(await linesOf(registry, 'statewire_locks_total')).toEqual(
    ['released', 'lost', 'timeout', 'abandoned'].map(
      (outcome) => `statewire_locks_total{outcome="${outcome}"} 1`,
    ),
  );
  expect(await linesOf(registry, 'statewire_lock_wait_seconds')).toEqual([
    'statewire_lock_wait_seconds_sum 2',
    'statewire_lock_wait_seconds_count 4',
  ]);
  expect(await linesOf(registry, 'statewire_lock_hold_seconds')).toEqual([
    'statewire_lock_hold_seconds_sum{label="Page.turn"} 2.25',
    'statewire_lock_hold_seconds_count{label="Page.turn"} 2',
  ]);
});

it('events are counted by their outcome, and timed', async () => {
  const registry = collect();
  await traceEvent(eventMessage(), () => new Promise<void>((resolve) => setTimeout(resolve, 20)));
  await traceEvent(eventMessage(), () => Promise.reject(undefined)).catch(() => {});
  expect(await linesOf(registry, 'statewire_events_total')).toEqual([
    'statewire_events_total{state="Page",event="turn",outcome="committed"} 1',
    'statewire_events_total{state="Page",event="turn",outcome="failed"} 1',
  ]);
  const [sum, count] = await linesOf(registry, 'statewire_event_duration_seconds');
  expect(count).toBe('statewire_event_duration_seconds_count{state="Page",event="turn"} 2');
  expect(Number(sum?.split(' ')[1])).toBeGreaterThan(0.015);
});

it('tasks are counted where they are: queued, running, or gone', async () => {
  const registry = collect();
  const gauges = async () => {
    const [queued] = await linesOf(registry, 'statewire_tasks_queued');
    const [running] = await linesOf(registry, 'statewire_tasks_running');
    return [queued, running].map((line) => Number(line?.split(' ')[1]));
  };
  taskChanges.publish(taskMessage('QUEUED'));
  taskChanges.publish(taskMessage('QUEUED', { id: 'task 2' }));
  taskChanges.publish(taskMessage('RUNNING', { runMs: 0 }));
  expect(await gauges()).toEqual([1, 1]);
  taskChanges.publish(taskMessage('CANCELLED', { runMs: 1_500 }));
  expect(await gauges()).toEqual([1, 0]);
  taskChanges.publish(taskMessage('CANCELLED', { id: 'task 2' }));
  // Of a process that is gone: it was never counted here.
  taskChanges.publish(taskMessage('LOST', { id: 'task 3' }));
  expect(await gauges()).toEqual([0, 0]);
  expect(await linesOf(registry, 'statewire_tasks_total')).toEqual([
    'statewire_tasks_total{state="Page",event="print",status="QUEUED"} 2',
    'statewire_tasks_total{state="Page",event="print",status="RUNNING"} 1',
    'statewire_tasks_total{state="Page",event="print",status="CANCELLED"} 2',
    'statewire_tasks_total{state="Page",event="print",status="LOST"} 1',
  ]);
  expect(await linesOf(registry, 'statewire_task_duration_seconds')).toEqual([
    'statewire_task_duration_seconds_sum{state="Page",event="print"} 1.5',
    'statewire_task_duration_seconds_count{state="Page",event="print"} 1',
  ]);
});

it('diffs, snapshots and lags of subscribers are counted', async () => {
  const registry = collect();
  subscriberDiffs.publish(diffMessage({ reset: true }));
  subscriberDiffs.publish(diffMessage());
  subscriberDiffs.publish(diffMessage());
  subscriberLags.publish({ token, states: ['Page'], commits: 100 });
  expect(await linesOf(registry, 'statewire_diffs_total')).toEqual([
    'statewire_diffs_total{reset="true"} 1',
    'statewire_diffs_total{reset="false"} 2',
  ]);
  expect(await linesOf(registry, 'statewire_subscriber_lag_commits')).toEqual([
    'statewire_subscriber_lag_commits_sum 100',
    'statewire_subscriber_lag_commits_count 1',
  ]);
});

it('errors of the store are counted by their code, and by no text of theirs', async () => {
  const registry = collect();
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const odd = Object.assign(new Error('odd'), { code: 'key 42 of somebody' });
  for (const error of [new StoreUnavailableError(), refused, odd, null]) {
    storeErrors.publish({ operation: 'read', error });
  }
  expect(await linesOf(registry, 'statewire_store_errors_total')).toEqual([
    'statewire_store_errors_total{operation="read",code="STORE_UNAVAILABLE"} 1',
    'statewire_store_errors_total{operation="read",code="ECONNREFUSED"} 1',
    'statewire_store_errors_total{operation="read",code="UNKNOWN"} 2',
  ]);
});

it('metrics are on the global registry by default, and on none once they have ended', async () => {
  const stop = collectMetrics();
  commits.publish(commitMessage());
  expect(await register.metrics()).toContain('statewire_commits_total{label="Page.turn"} 1');
  stop();
  expect(register.getMetricsAsArray()).toEqual([]);
  expect(commits.hasSubscribers).toBe(false);
  collectMetrics()();
});

it('a registry of OpenMetrics is written and emptied like any other', async () => {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const stop = collectMetrics(registry);
  commits.publish(commitMessage());
  expect(await registry.metrics()).toContain('statewire_commits_total{label="Page.turn"} 1');
  stop();
  expect(await registry.metrics()).not.toContain('statewire');
});

it('a registry that has one of the metrics already is left as it was', () => {
  const registry = new Registry();
  const name = 'statewire_locks_total';
  const own = new Counter({ name, help: 'of somebody else', registers: [registry] });
  expect(() => collectMetrics(registry)).toThrow(name);
  expect(registry.getMetricsAsArray()).toEqual([own]);
  expect(commits.hasSubscribers).toBe(false);
});

it('no metric tells the key of a token', async () => {
  const registry = collect();
  commits.publish(commitMessage());
  locks.publish(lockMessage());
  taskChanges.publish(taskMessage('RUNNING'));
  await traceEvent(eventMessage(), async () => {});
  subscriberDiffs.publish(diffMessage());
  const text = await registry.metrics();
  expect(text).toContain('Page.turn');
  expect(text).not.toContain(token);
});
