import { Registry } from 'prom-client';
import { memoryStore } from 'statewire';
import { collectMetrics } from 'statewire/metrics';
import { expect, it, onTestFinished } from 'vitest';
import { type CommitMessage, commitChannel } from '../../src/diagnostics/commit.ts';
import { type EventMessage, eventChannel } from '../../src/diagnostics/event.ts';
import { type LockMessage, lockChannel } from '../../src/diagnostics/lock.ts';
import { type StoreErrorMessage, storeErrorChannel } from '../../src/diagnostics/store-error.ts';
import { type DiffMessage, subscriberDiffChannel } from '../../src/diagnostics/subscriber-diff.ts';
import {
  type TaskMessage,
  type TaskRunMessage,
  taskChannel,
  taskRunChannel,
} from '../../src/diagnostics/task.ts';
import { Deferred } from '../support/deferred.ts';
import { type LabBuilder, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';
import { listenFor } from './listen-for.ts';
import { recordSpans } from './recording.ts';

/** A page that is turned by an event, and by a task that the event `read` starts. */
function definePages(builder: LabBuilder): void {
  const Page = builder.state('Page', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Page.event('turn').resolve((s) => {
    s.n += 1;
  });
  Page.event('tear').resolve(() => {
    throw new Error('torn');
  });
  const print = Page.background('print').resolve(async (self) => {
    await self.modifyState((s) => {
      s.n += 10;
    });
  });
  Page.event('read').resolve(() => print);
}

const watch = 'subscription { page(token: "T") { version state { n } } }';
const turn = 'mutation { pageTurn(token: "T") { version } }';
const tear = 'mutation { pageTear(token: "T") { version } }';
const read = 'mutation { pageRead(token: "T") { version } }';

/** Everything that the channels tell until the test ends. */
const listenForAll = () => ({
  commits: listenFor<CommitMessage>(commitChannel),
  locks: listenFor<LockMessage>(lockChannel),
  events: listenFor<EventMessage>(`tracing:${eventChannel}:asyncEnd`),
  tasks: listenFor<TaskMessage>(taskChannel),
  runs: listenFor<TaskRunMessage>(`tracing:${taskRunChannel}:asyncEnd`),
  diffs: listenFor<DiffMessage>(subscriberDiffChannel),
  storeErrors: listenFor<StoreErrorMessage>(storeErrorChannel),
});

it('a mutation and its diff are told of on the channels', async () => {
  const { app, client } = await startLab(memoryStore, definePages);
  const heard = listenForAll();
  const subscription = client.subscribe(watch);
  await subscription.next();
  await client.run(turn);
  expect(await subscription.next()).toEqual({ version: 1, state: { n: 1 } });
  await until(() => heard.locks.length > 0, 'the end of the lock');

  const token = app.keyOf('T');
  const label = 'Page.turn';
  expect(heard.commits).toEqual([
    {
      ...{ token, label, version: 1, states: ['Page'] },
      ...{ operations: expect.any(Number), durationMs: expect.any(Number) },
    },
  ]);
  expect(heard.commits[0]?.operations).toBeGreaterThan(0);
  expect(heard.locks).toEqual([
    {
      ...{ token, label, outcome: 'released' },
      ...{ waitMs: expect.any(Number), holdMs: expect.any(Number) },
    },
  ]);
  expect(heard.events).toEqual([{ token, state: 'Page', event: 'turn' }]);
  expect(heard.diffs).toEqual([
    { token, states: ['Page'], version: 0, reset: true, commits: expect.any(Number) },
    { token, states: ['Page'], version: 1, reset: false, commits: 1 },
  ]);
  expect(heard.storeErrors).toEqual([]);
});

it('an event that fails is told of with its error, and commits nothing', async () => {
  const { app, client } = await startLab(memoryStore, definePages);
  const heard = listenForAll();
  const { errors } = await client.result(tear);
  expect(errors).toHaveLength(1);
  expect(heard.events).toEqual([
    { token: app.keyOf('T'), state: 'Page', event: 'tear', error: new Error('torn') },
  ]);
  expect(heard.commits).toEqual([]);
});

it('a task is told of from its start to its outcome', async () => {
  const { app, client } = await startLab(memoryStore, definePages);
  const heard = listenForAll();
  await client.run(read);
  await until(() => heard.tasks.at(-1)?.status === 'SUCCEEDED', 'the end of the task');
  const token = app.keyOf('T');
  const id = heard.tasks[0]?.id;
  const task = { token, id, state: 'Page', event: 'print' };
  const last = heard.tasks.slice(-2);
  expect(last).toEqual([
    { ...task, status: 'RUNNING', parent: null, runMs: last[0]?.runMs },
    { ...task, status: 'SUCCEEDED', parent: null, runMs: expect.any(Number) },
  ]);
  expect(heard.runs).toEqual([task]);
  expect(heard.commits.map(({ label }) => label)).toContain('the task Page.print');
});

it('the metrics of an app say what it has done', async () => {
  const registry = new Registry();
  onTestFinished(collectMetrics(registry));
  const { app, client } = await startLab(memoryStore, definePages);
  const subscription = client.subscribe(watch);
  await subscription.next();
  await client.run(turn);
  await client.result(tear);
  await client.run(read);
  await subscription.takeUntil(({ state }) => state.n === 11);
  await noTask(app);

  const text = await registry.metrics();
  const lines = text.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'statewire_commits_total{label="Page.turn"} 1',
      'statewire_commits_total{label="the task Page.print"} 1',
      'statewire_events_total{state="Page",event="turn",outcome="committed"} 1',
      'statewire_events_total{state="Page",event="tear",outcome="failed"} 1',
      'statewire_event_duration_seconds_count{state="Page",event="turn"} 1',
      'statewire_lock_hold_seconds_count{label="Page.tear"} 1',
      'statewire_tasks_total{state="Page",event="print",status="SUCCEEDED"} 1',
      'statewire_tasks_running{state="Page",event="print"} 0',
      'statewire_task_duration_seconds_count{state="Page",event="print"} 1',
      'statewire_diffs_total{reset="true"} 1',
      'statewire_diffs_total{reset="false"} 2',
    ]),
  );
  expect(text).not.toContain(app.keyOf('T'));
});

it('one trace leads from a mutation to its diff, and another to what its task has done', async () => {
  const recording = recordSpans();
  const { middleware } = recording;
  const { app, client } = await startLab(memoryStore, definePages, { middleware: [middleware] });
  const subscription = client.subscribe(watch);
  await subscription.next();
  await client.run(turn);
  await subscription.next();
  await until(() => recording.spans.some(({ name }) => name === 'Page.turn'), 'the event’s span');
  const event = recording.span('Page.turn');
  expect(recording.children(event)).toEqual(['commit', 'wait for lock']);
  const commit = recording.span('commit');
  expect(commit.attributes).toMatchObject({ 'statewire.version': 1, 'statewire.states': ['Page'] });
  expect(recording.children(commit)).toEqual(['diff']);
  const traceId = (name: string) => recording.span(name).spanContext().traceId;
  expect(traceId('diff')).toBe(traceId('Page.turn'));

  await client.run(read);
  await subscription.next();
  await noTask(app);
  expect(recording.children(recording.span('Page.read'))).toContain('Page.print');
  expect(recording.children(recording.span('Page.print'))).toEqual([
    ...['commit', 'wait for lock'],
  ]);
  expect(traceId('Page.print')).toBe(traceId('Page.read'));
});

it('a task that has waited for its place is inside the event that has started it', async () => {
  const recording = recordSpans();
  const tasks = listenFor<TaskMessage>(taskChannel);
  const isFirst = new Deferred();
  const { app, client } = await startLab(memoryStore, (builder) => {
    const Page = builder.state('Page', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    const print = Page.background('print', {
      concurrency: { limit: 1 },
    }).resolve(() => isFirst.promise);
    Page.event('read').resolve(() => print);
    Page.event('readAgain').resolve(() => print);
  });
  await client.run(read);
  await client.run('mutation { pageReadAgain(token: "T") { version } }');
  await until(() => tasks.some(({ status }) => status === 'QUEUED'), 'a task that waits');
  isFirst.resolve();
  await noTask(app);
  expect(recording.children(recording.span('Page.read'))).toContain('Page.print');
  expect(recording.children(recording.span('Page.readAgain'))).toContain('Page.print');
});
