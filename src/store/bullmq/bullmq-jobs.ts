import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Job as BullmqJob, DelayedError, Queue, WaitingError, Worker } from 'bullmq';
import { systemClock } from '../../time/clock.ts';
import { settledWithin } from '../../time/settled-within.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { Job, JobHost, Jobs } from '../redis/job-queue.ts';
import { LatestRuns, type Run } from './latest-runs.ts';

/** What there is to do with one, whoever made it. */
interface Connection {
  on(event: string, listener: () => void): unknown;
  disconnect(): void;
}

type StoredJob = BullmqJob<{ readonly key: TokenKey }>;

const queueName = 'tasks';
const jobName = 'task';

/** For how long a worker waits for a job by one command, in s: it is told of each, but may miss it. */
const drainDelay = 2;

/** For how long BullMQ waits for delayed jobs by one command at most, in ms. */
const maxBlockMs = 10_000;

/** Before a worker asks again that Redis did not answer, in ms. */
const runRetryDelay = 1_000;

/** How long what has just ended may take to say so when the queue closes, in ms. */
const closeMs = 500;

/** Jobs as BullMQ keeps them, and the worker that runs them here. */
export class BullmqJobs implements Jobs {
  readonly #host: JobHost;
  readonly #queue: Queue;
  readonly #worker: Worker | null;
  readonly #clients: ReturnType<JobHost['connect']>[];
  /** Those that BullMQ has made by itself. */
  readonly #another: Connection[] = [];
  readonly #runs = new LatestRuns();
  #isPaused = false;

  /** @param concurrency how many run here at once; 0 for none. */
  constructor(host: JobHost, concurrency: number) {
    this.#host = host;
    const { prefix, leaseMs } = host;
    const connection = quiet(host.connect());
    this.#clients = [connection];
    // Nothing is asked of Redis before a job is.
    const lazy = { skipVersionCheck: true, skipWaitingForReady: true };
    this.#queue = new Queue(queueName, { connection, prefix, ...lazy });
    this.#queue.on('error', this.#onError);
    this.#worker = null;
    if (concurrency === 0) return;
    const blocking = quiet(host.connect({ blockMs: maxBlockMs }));
    this.#clients.push(blocking);
    this.#worker = new Worker(queueName, (job, token) => this.#process(job, token), {
      ...{ connection: blocking, prefix, concurrency, drainDelay, runRetryDelay },
      // Whoever runs one is silent for as long as a node may be.
      ...{ lockDuration: leaseMs, stalledInterval: leaseMs },
      // How often one is tried is the task's affair.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#worker.on('error', this.#onError);
    // BullMQ has made another one like it.
    const another = this.#worker.getBackend().blockingClient;
    another?.then(
      (client) => this.#another.push(quiet(client)),
      () => {},
    );
  }

  async add({ id, key }: Job): Promise<void> {
    const options = { jobId: id, removeOnComplete: true, removeOnFail: true };
    await this.#queue.add(jobName, { key }, options);
  }

  async has(id: string): Promise<boolean> {
    return (await this.#queue.getJob(id)) !== undefined;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#queue.remove(id)) === 1;
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#worker?.pause(true);
  }

  async close(): Promise<void> {
    await this.pause();
    await settledWithin(this.#close(), { clock: systemClock, ms: closeMs });
    // It waits for nothing, nor does it touch what runs still.
    await this.#worker?.close(true);
    await this.#queue.close();
    for (const client of [...this.#clients, ...this.#another]) end(client);
  }

  async #close(): Promise<void> {
    await this.#runs.allEnded();
    // What ended last is said by then, and Redis answers in order.
    await nextTurn();
    await Promise.all(this.#clients.map((client) => client.ping()));
  }

  readonly #onError = (error: Error): void => {
    this.#host.logger.debug({ err: error }, 'the queue of durable tasks has trouble');
  };

  async #process(job: StoredJob, token = ''): Promise<void> {
    const { id = '' } = job;
    // It was fetched before the worker knew.
    if (this.#isPaused) return this.#again(job, token, 0);
    const run = this.#runs.begin(id);
    try {
      const againMs = await this.#host.run({ id, key: job.data.key });
      if (this.#runs.laterThan(run, id)) await this.#yield(run, id);
      if (againMs !== null) await this.#again(job, token, againMs);
    } finally {
      run.end();
    }
  }

  /**
   * Leaves the job to a later run of it here. BullMQ would renew its lock no more when this
   * one ends, so that has to wait.
   */
  async #yield(run: Run, id: string): Promise<never> {
    for (let later = this.#runs.laterThan(run, id); later; later = this.#runs.laterThan(run, id)) {
      await later.ended;
    }
    throw new WaitingError();
  }

  /** Has it run again; if it was taken away meanwhile, others do. */
  async #again(job: StoredJob, token: string, ms: number): Promise<never> {
    try {
      if (ms === 0) await job.moveToWait(token);
      else await job.moveToDelayed(Date.now() + ms, token);
    } catch (error) {
      this.#onError(error as Error);
    }
    throw ms === 0 ? new WaitingError() : new DelayedError();
  }
}

/** What fails is told to whoever asks for something. */
function quiet<Client extends Connection>(client: Client): Client {
  client.on('error', () => {});
  return client;
}

/** For good: BullMQ may be about to connect it again. */
function end(client: Connection): void {
  for (const event of ['connect', 'reconnecting']) client.on(event, () => client.disconnect());
  client.disconnect();
}
