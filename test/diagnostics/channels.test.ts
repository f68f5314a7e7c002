import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventChannel, traceEvent } from '../../src/diagnostics/event.ts';
import { listen } from '../../src/diagnostics/listen.ts';
import { storeErrorChannel, storeErrors } from '../../src/diagnostics/store-error.ts';
import { taskRunChannel, traceTask } from '../../src/diagnostics/task.ts';
import { eventMessage, taskRunMessage } from './messages.ts';

const steps = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

/** The steps that are published on a tracing channel until the test ends, with their messages. */
function listenForSteps(channel: string): [step: string, message: object][] {
  const heard: [step: string, message: object][] = [];
  for (const step of steps) {
    const unlisten = listen<object>(`tracing:${channel}:${step}`, (message) =>
      heard.push([step, message]),
    );
    onTestFinished(unlisten);
  }
  return heard;
}

it('a channel has subscribers from the first to the last', () => {
  const message = { operation: 'read', error: new Error('away') };
  const heard: unknown[] = [];
  expect(storeErrors.hasSubscribers).toBe(false);
  const unlisten = listen(storeErrorChannel, (each) => heard.push(each));
  expect(storeErrors.hasSubscribers).toBe(true);
  storeErrors.publish(message);
  unlisten();
  expect(storeErrors.hasSubscribers).toBe(false);
  storeErrors.publish(message);
  expect(heard).toEqual([message]);
});

describe.each([
  { name: 'an event', channel: eventChannel, traced: traceEvent, message: eventMessage },
  { name: 'a task', channel: taskRunChannel, traced: traceTask, message: taskRunMessage },
])('the tracing channel of $name', ({ channel, traced, message }) => {
  const run = <T>(given: object, work: () => Promise<T>) => traced(given as never, work);

  it('is nothing but the run if nobody listens', () => {
    const promise = Promise.resolve(1);
    const given = message();
    expect(run(given, () => promise)).toBe(promise);
    expect(given).toEqual(message());
  });

  it('tells of the start and the end with one message, and of the result nothing', async () => {
    const heard = listenForSteps(channel);
    const given = message();
    expect(await run(given, async () => 'secret')).toBe('secret');
    expect(heard.map(([step]) => step)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    for (const [, each] of heard) expect(each).toBe(given);
    expect(Object.values(given)).not.toContain('secret');
  });

  it('tells of a failure before the end, and passes it on', async () => {
    const heard = listenForSteps(channel);
    const error = new Error('broken');
    const given = message();
    await expect(run(given, () => Promise.reject(error))).rejects.toBe(error);
    expect(heard.map(([step]) => step)).toEqual([
      ...['start', 'end', 'error', 'asyncStart', 'asyncEnd'],
    ]);
    expect(given).toEqual({ ...message(), error });
  });

  it('passes on what is thrown at once as a rejection', async () => {
    const heard = listenForSteps(channel);
    const work = () => {
      throw new Error('at once');
    };
    await expect(run(message(), work)).rejects.toThrow('at once');
    expect(heard.at(-1)).toEqual([
      'asyncEnd',
      expect.objectContaining({ error: expect.any(Error) }),
    ]);
  });

  it('binds an AsyncLocalStorage to the run, and to nothing after it', async () => {
    const store = new AsyncLocalStorage<object>();
    const { start } = tracingChannel<object, object>(channel);
    start.bindStore(store);
    onTestFinished(() => void start.unbindStore(store));
    const given = message();
    const seen = await run(given, async () => {
      await new Promise(setImmediate);
      return store.getStore();
    });
    expect(seen).toBe(given);
    expect(store.getStore()).toBeUndefined();
  });
});
