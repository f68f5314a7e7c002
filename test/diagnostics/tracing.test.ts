import { tracingChannel } from 'node:diagnostics_channel';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createTracing, type Tracing } from 'statewire/tracing';
import { expect, it } from 'vitest';
import { commits } from '../../src/diagnostics/commit.ts';
import { eventChannel, traceEvent } from '../../src/diagnostics/event.ts';
import { locks } from '../../src/diagnostics/lock.ts';
import { subscriberDiffs } from '../../src/diagnostics/subscriber-diff.ts';
import { taskRunChannel, traceTask } from '../../src/diagnostics/task.ts';
import { UnknownTaskError } from '../../src/errors/index.ts';
import {
  commitMessage,
  diffMessage,
  eventMessage,
  lockMessage,
  taskRunMessage,
  token,
} from './messages.ts';
import { durationOf, inRequest, recordSpans, startOf } from './recording.ts';

/** Runs a handler in the middleware, as the engine does. */
async function handle({ middleware }: Tracing, handler: () => Promise<void>): Promise<void> {
  await middleware(eventMessage() as never, handler);
}

/** An event as the engine runs it: handler, commit, and the end of its lock. */
function runEvent(
  tracing: Tracing,
  handler: () => Promise<void> = async () => {},
  version = 1,
): Promise<void> {
  return traceEvent(eventMessage(), async () => {
    await handle(tracing, handler);
    commits.publish(commitMessage({ version }));
    locks.publish(lockMessage());
  });
}

it('an event is a span in the request that has sent it, with its wait, its commit and the diffs of that', async () => {
  const recording = recordSpans();
  await inRequest(() => runEvent(recording));
  subscriberDiffs.publish(diffMessage());
  subscriberDiffs.publish(diffMessage());
  const event = recording.span('Page.turn');
  expect(recording.children(recording.span('POST /graphql'))).toEqual(['Page.turn']);
  expect(recording.children(event)).toEqual(['commit', 'wait for lock']);
  expect(recording.children(recording.span('commit'))).toEqual(['diff', 'diff']);
  expect(new Set(recording.spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  expect(event.attributes).toEqual({
    'statewire.token': token,
    'statewire.state': 'Page',
    'statewire.event': 'turn',
  });
  expect(recording.span('commit').attributes).toEqual({
    'statewire.token': token,
    'statewire.label': 'Page.turn',
    'statewire.version': 1,
    'statewire.states': ['Page'],
    'statewire.operations': 2,
  });
});

it('waits and commits take as long as they are said to have taken, one after the other', async () => {
  const recording = recordSpans();
  const before = Date.now();
  await traceEvent(eventMessage(), async () => {
    commits.publish(commitMessage({ durationMs: 30 }));
    locks.publish(lockMessage({ waitMs: 2_000, holdMs: 500 }));
  });
  const wait = recording.span('wait for lock');
  expect(durationOf(wait)).toBeCloseTo(2_000);
  expect(startOf(wait)).toBeGreaterThanOrEqual(before - 2_500);
  expect(startOf(wait)).toBeLessThanOrEqual(Date.now() - 2_500);
  expect(durationOf(recording.span('commit'))).toBeCloseTo(30);
});

it('a diff lasts from its commit until the subscriber takes it', async () => {
  const recording = recordSpans();
  await runEvent(recording);
  await new Promise((resolve) => setTimeout(resolve, 30));
  subscriberDiffs.publish(diffMessage({ states: ['Page', 'Other'], commits: 1 }));
  const diff = recording.span('diff');
  const commit = recording.span('commit');
  expect(startOf(diff)).toBeCloseTo(startOf(commit) + durationOf(commit));
  expect(durationOf(diff)).toBeGreaterThan(20);
  expect(diff.attributes['statewire.states']).toEqual(['Page', 'Other']);
});

it('snapshots, and diffs of commits that this process has not made, are no spans', async () => {
  const recording = recordSpans();
  await runEvent(recording);
  subscriberDiffs.publish(diffMessage({ reset: true }));
  subscriberDiffs.publish(diffMessage({ version: 2 }));
  expect(recording.spans.map(({ name }) => name)).not.toContain('diff');
});

it('the newest 10,000 commits are known to their diffs', async () => {
  const recording = recordSpans();
  for (let version = 1; version <= 20_000; version += 1) {
    commits.publish(commitMessage({ version }));
  }
  const spans = () => recording.spans.filter(({ name }) => name === 'diff').length;
  subscriberDiffs.publish(diffMessage({ version: 1 }));
  expect(spans()).toBe(0);
  subscriberDiffs.publish(diffMessage({ version: 10_001 }));
  subscriberDiffs.publish(diffMessage({ version: 20_000 }));
  expect(spans()).toBe(2);
});

it('spans of the handler’s own are inside the event’s, and a commit made in one of them inside that', async () => {
  const recording = recordSpans();
  const tracer = trace.getTracer('test');
  await inRequest(() =>
    runEvent(recording, async () => {
      await new Promise(setImmediate);
      await tracer.startActiveSpan('fetch', async (span) => {
        commits.publish(commitMessage({ label: 'in fetch' }));
        span.end();
      });
    }),
  );
  expect(recording.children(recording.span('Page.turn'))).toEqual([
    ...['commit', 'fetch', 'wait for lock'],
  ]);
  expect(recording.children(recording.span('fetch'))).toEqual(['commit']);
});

it('without a span around it the middleware changes nothing', async () => {
  const recording = recordSpans();
  const before = context.active();
  let inside: unknown;
  await handle(recording, async () => {
    inside = context.active();
  });
  expect(inside).toBe(before);
});

it('an event that fails has its error in its span', async () => {
  const recording = recordSpans();
  const error = new UnknownTaskError();
  await expect(runEvent(recording, () => Promise.reject(error))).rejects.toBe(error);
  const span = recording.span('Page.turn');
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: error.message });
  expect(span.attributes['error.type']).toBe(error.code);
  expect(span.events[0]?.attributes?.['exception.message']).toBe(error.message);
});

it('a wait that was in vain is an error, one for which nobody waits no span', async () => {
  const recording = recordSpans();
  locks.publish(lockMessage());
  expect(recording.spans).toEqual([]);
  await traceEvent(eventMessage(), async () => {
    locks.publish(lockMessage({ holdMs: 0, outcome: 'timeout' }));
  });
  expect(recording.span('wait for lock').status.code).toBe(SpanStatusCode.ERROR);
});

it('a lock of the server’s own belongs to what is active around it', async () => {
  const recording = recordSpans();
  await inRequest(async () => {
    commits.publish(commitMessage({ label: 'app.modifyState' }));
    locks.publish(lockMessage({ label: 'app.modifyState' }));
  });
  expect(recording.children(recording.span('POST /graphql'))).toEqual(['commit', 'wait for lock']);
});

it('a task and a follow-up are inside the event that has triggered them', async () => {
  const recording = recordSpans();
  const later: Promise<void>[] = [];
  await inRequest(() =>
    traceEvent(eventMessage(), async () => {
      later.push(
        traceTask(taskRunMessage(), async () => {
          await new Promise(setImmediate);
          commits.publish(commitMessage({ label: 'the task Page.print' }));
        }),
        traceEvent(eventMessage('follow'), async () => {}),
      );
    }),
  );
  await Promise.all(later);
  expect(recording.children(recording.span('Page.turn'))).toEqual([
    ...['Page.follow', 'Page.print'],
  ]);
  expect(recording.children(recording.span('Page.print'))).toEqual(['commit']);
  expect(recording.span('Page.print').attributes['statewire.task']).toBe('task 1');
});

it('tracing that is stopped ends its open spans, and makes no more', async () => {
  const recording = recordSpans();
  let finish = () => {};
  const running = traceEvent(
    eventMessage(),
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  recording.stop();
  expect(recording.span('Page.turn').ended).toBe(true);
  finish();
  await running;
  await runEvent(recording);
  expect(recording.spans).toHaveLength(1);
  expect(commits.hasSubscribers).toBe(false);
  expect(locks.hasSubscribers).toBe(false);
  expect(tracingChannel(eventChannel).hasSubscribers).toBe(false);
  expect(tracingChannel(taskRunChannel).hasSubscribers).toBe(false);
  expect(subscriberDiffs.hasSubscribers).toBe(false);
});

it('spans go to the given provider', async () => {
  const recording = recordSpans();
  recording.stop();
  const provider = new NodeTracerProvider({ sampler: new AlwaysOffSampler() });
  const tracing = createTracing({ tracerProvider: provider });
  try {
    await runEvent(tracing);
  } finally {
    tracing.stop();
  }
  expect(recording.spans).toEqual([]);
});
