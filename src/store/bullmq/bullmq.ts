import type { JobQueue } from '../redis/job-queue.ts';
import { BullmqJobs } from './bullmq-jobs.ts';

export interface BullmqOptions {
  /** How many durable tasks this process runs at once. Default: 100. */
  readonly concurrency?: number;
  /**
   * Whether this process runs durable tasks at all: false for one that serves clients
   * beside others that run them. Default: true.
   */
  readonly worker?: boolean;
}

/**
 * What runs durable tasks for a `redisStore`: a queue of BullMQ in the same Redis. Each
 * task is run by one of the processes with a store of the same prefix.
 *
 * @throws TypeError for options that make no sense.
 */
export function bullmq(options: BullmqOptions = {}): JobQueue {
  const { concurrency = 100, worker = true } = options;
  assertOptions(concurrency, worker);
  let isOpen = false;
  return {
    open(host) {
      if (isOpen) {
        throw new TypeError('Expected a queue for each store, got one for two: call bullmq twice.');
      }
      isOpen = true;
      return new BullmqJobs(host, worker ? concurrency : 0);
    },
  };
}

function assertOptions(concurrency: unknown, worker: unknown): void {
  if (!Number.isSafeInteger(concurrency) || (concurrency as number) < 1) {
    throw new TypeError(
      `Expected concurrency to be a whole number from 1, got ${JSON.stringify(concurrency)}.`,
    );
  }
  if (typeof worker !== 'boolean') {
    throw new TypeError(`Expected worker to be true or false, got ${JSON.stringify(worker)}.`);
  }
}
