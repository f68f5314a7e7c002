import { StoreUnavailableError } from '../../errors/index.ts';
import type { Logger } from '../../logging/logger.ts';
import { systemClock } from '../../time/clock.ts';
import { withinTime } from '../../time/within-time.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { DurableHost, DurableTask, DurableTasks } from '../durable-tasks.ts';
import type { DueIndex } from './due-index.ts';
import { DueSweep } from './due-sweep.ts';
import type { Job, JobQueue, Jobs } from './job-queue.ts';
import { jobsPrefix, tokenKeys } from './keys.ts';
import type { RedisClient } from './redis-client.ts';
import { clientLike, type RedisConnection } from './redis-connection.ts';
import { translated } from './redis-errors.ts';
import { claimScript, readDurableScript } from './scripts/durable.ts';
import { memoryOnRecord, taskOnRecord } from './task-text.ts';

export interface RedisDurableTasksOptions {
  readonly queue: JobQueue;
  /** A client like those of the queue. */
  readonly client: RedisClient;
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly leaseMs: number;
  readonly index: DueIndex;
  /** Resolves when what is published about the token reaches this node. */
  heard(channel: string): Promise<void>;
  /** Keeps a token from expiring. */
  use(key: TokenKey): void;
}

/** Durable tasks on record in Redis, run by a queue that is there too. */
export class RedisDurableTasks implements DurableTasks {
  readonly #options: RedisDurableTasksOptions;
  /** How many tasks of each token run here. */
  readonly #running = new Map<TokenKey, number>();
  #logger: Logger | null = null;
  #jobs: Jobs | null = null;
  #sweep: DueSweep | null = null;

  constructor(options: RedisDurableTasksOptions) {
    this.#options = options;
  }

  /** To be called before {@link start}. */
  open(logger: Logger): void {
    this.#logger = logger;
  }

  /** The first app's are run and found. */
  async start(host: DurableHost): Promise<void> {
    const logger = this.#logger;
    if (!logger) throw new TypeError('Expected the store to be open.');
    if (this.#jobs) return;
    const { queue, client, redis, prefix, leaseMs, index, use } = this.#options;
    this.#jobs = queue.open({
      prefix: jobsPrefix(prefix),
      leaseMs,
      logger,
      connect: (traits) => clientLike({ client, silenceMs: leaseMs }, traits),
      run: (job) => this.#run(host, job),
    });
    this.#sweep = new DueSweep({
      ...{ redis, prefix, index, logger, use },
      isHandedOver: (id) => this.#ask((jobs) => jobs.has(id)),
      onFound: (key, id) => host.onFound(key, id),
    });
    this.#sweep.start();
  }

  handOver(key: TokenKey, id: string): Promise<void> {
    return this.#ask((jobs) => jobs.add({ id, key }));
  }

  withdraw(_key: TokenKey, id: string): Promise<boolean> {
    return this.#ask((jobs) => jobs.remove(id));
  }

  async read(key: TokenKey, id: string): Promise<DurableTask | null> {
    const { redis, prefix } = this.#options;
    const { tasks, memories } = tokenKeys(prefix, key);
    return durableTask(await redis.run(readDurableScript, [tasks, memories], [id]));
  }

  async claim(key: TokenKey, id: string): Promise<DurableTask | null> {
    const { redis, prefix, heard } = this.#options;
    const { head, tasks, memories, over, channel } = tokenKeys(prefix, key);
    // Whoever cancels it from now on must be heard.
    await heard(channel);
    return durableTask(await redis.run(claimScript, [head, tasks, memories, over], [id]));
  }

  async pause(): Promise<void> {
    this.#sweep?.stop();
    await this.#jobs?.pause();
  }

  /** Whether tasks of the token run here. */
  holds(key: TokenKey): boolean {
    return this.#running.has(key);
  }

  /** What runs is others' to run again. */
  async close(): Promise<void> {
    this.#sweep?.stop();
    await this.#jobs?.close();
  }

  async #run(host: DurableHost, { key, id }: Job): Promise<number | null> {
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
    try {
      return await host.run(key, id);
    } finally {
      const left = (this.#running.get(key) ?? 1) - 1;
      if (left > 0) this.#running.set(key, left);
      else this.#running.delete(key);
    }
  }

  /** @throws {@link StoreUnavailableError}, {@link StoreWriteError}, {@link StoreCorruptedError} */
  async #ask<T>(work: (jobs: Jobs) => Promise<T>): Promise<T> {
    if (!this.#jobs) throw new StoreUnavailableError();
    const onTimeout = () => new Error('The queue did not answer in time.');
    const ms = 2 * this.#options.leaseMs;
    try {
      return await withinTime(work(this.#jobs), { clock: systemClock, ms, onTimeout });
    } catch (error) {
      throw translated(error);
    }
  }
}

function durableTask(answer: unknown): DurableTask | null {
  if (!answer) return null;
  const [record, memory] = answer as [string, string | null];
  return { task: taskOnRecord(record), memory: memoryOnRecord(memory) };
}
