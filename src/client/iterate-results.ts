import { ResultQueue } from './result-queue.ts';
import type { ResultSink } from './subscription-client.ts';

/** The results of a subscription, one by one. It ends when its reader leaves. */
export function iterateResults(
  subscribe: (sink: ResultSink) => () => void,
): AsyncIterableIterator<unknown> {
  const queue = new ResultQueue<unknown>(() => unsubscribe());
  const unsubscribe = subscribe({
    next: (result) => queue.put(result),
    error: (error) => queue.end({ error }),
    complete: () => queue.end(),
  });
  return queue;
}
