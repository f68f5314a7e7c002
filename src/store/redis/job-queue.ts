import type { Logger } from '../../logging/logger.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { RedisClient } from './redis-client.ts';

/** A durable task that may run. */
export interface Job {
  /** The task's. No two of one id are there at once. */
  readonly id: string;
  readonly key: TokenKey;
}

/** The store that a queue belongs to. */
export interface JobHost {
  /** What the queue's keys begin with. */
  readonly prefix: string;
  /** How long whoever runs a job may be silent before another does, in ms. */
  readonly leaseMs: number;
  readonly logger: Logger;
  /**
   * Another connection like the store's, for the queue to close. With `blockMs` it is for
   * commands that Redis answers after so many ms at most, and for those that wait until it
   * is back; without, each fails in time.
   */
  connect(options?: { readonly blockMs: number }): RedisClient;
  /**
   * Resolves when nothing is left to do here: to in how many ms the job is to run again, to
   * null if it is done. Never rejects.
   */
  run(job: Job): Promise<number | null>;
}

/** The jobs of an open queue. What fails rejects with whatever the queue throws. */
export interface Jobs {
  /** Has it run by some process. Does nothing if it is there. */
  add(job: Job): Promise<void>;
  has(id: string): Promise<boolean>;
  /** Says whether it is not there now; false if somebody runs it. */
  remove(id: string): Promise<boolean>;
  /** Runs nothing new here. What was fetched meanwhile is given back. */
  pause(): Promise<void>;
  /** Ends all use of Redis; what runs still is others' to run again. */
  close(): Promise<void>;
}

/** What runs durable tasks; make one with `bullmq`, its method is for the store. */
export interface JobQueue {
  /** @throws TypeError if it was opened before: it belongs to one store. */
  open(host: JobHost): Jobs;
}
