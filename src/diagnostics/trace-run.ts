import type { TracingChannel } from 'node:diagnostics_channel';

/**
 * Runs work inside a tracing channel: `start` before it, with the async contexts
 * that subscribers have bound, `asyncEnd` when it has settled, `error` before that
 * if it has failed, all with the same message. Nothing but the work if nobody
 * listens. Its result is told to nobody.
 */
export function traceRun<Message extends object, T>(
  channels: TracingChannel<unknown, Message>,
  message: Message,
  run: () => Promise<T>,
): Promise<T> {
  return channels.hasSubscribers ? traceWithoutResult(channels, message, run) : run();
}

async function traceWithoutResult<Message extends object, T>(
  channels: TracingChannel<unknown, Message>,
  message: Message,
  run: () => Promise<T>,
): Promise<T> {
  const outcome: { result?: T } = {};
  await channels.tracePromise(async () => {
    outcome.result = await run();
  }, message);
  return outcome.result as T;
}
