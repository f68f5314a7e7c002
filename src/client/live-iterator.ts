import { ResultQueue } from './result-queue.ts';
import {
  type ResumableDiff,
  type ResumableOperation,
  ResumingSubscription,
} from './resuming-subscription.ts';
import type { SubscriptionClient } from './subscription-client.ts';

/** A reader that is more diffs behind than this gets the rest merged, by the server. */
const maxBehind = 64;

/**
 * Every diff of a subscription, for one reader. It never holds more than `maxBehind`:
 * then the subscription stops, and goes on from its cursor when they are read.
 */
export class LiveIterator<Diff extends ResumableDiff> implements AsyncIterableIterator<Diff> {
  readonly #queue: ResultQueue<Diff>;
  readonly #subscription: ResumingSubscription<Diff>;

  constructor(client: SubscriptionClient, operation: ResumableOperation) {
    this.#queue = new ResultQueue<Diff>(() => this.#subscription.stop());
    this.#subscription = new ResumingSubscription<Diff>(client, operation, {
      onDiff: (diff) => {
        this.#queue.put(diff);
        if (this.#queue.length >= maxBehind) this.#subscription.stop();
      },
      onConnection: () => {},
      onRefused: (error) => this.#queue.end({ error }),
    });
    this.#subscription.start();
  }

  next(): Promise<IteratorResult<Diff>> {
    const next = this.#queue.next();
    if (this.#queue.length === 0 && this.#queue.isOpen && !this.#subscription.isRunning) {
      this.#subscription.start();
    }
    return next;
  }

  return(): Promise<IteratorResult<Diff>> {
    return this.#queue.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
