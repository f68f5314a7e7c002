import { createHash } from 'node:crypto';
import { Cluster } from 'ioredis';
import { newGeneration } from '../new-generation.ts';
import { parseInfo } from './check-server.ts';
import type { RedisClient } from './redis-client.ts';

/** Who has to know what becomes of the connection. */
export interface ServerWatchHost {
  /** What was believed to be in Redis may not be there any more. */
  onDoubt(): void;
  /** It answers again: what was in flight may have been done without anybody being told. */
  onBack(): void;
  /** It is another one than before. */
  onAnother(): void;
}

/** Follows which Redis answers: after a connection is lost it may be another, or the same with less than it had. */
export class ServerWatch {
  readonly #client: RedisClient;
  readonly #host: ServerWatchHost;
  #generation = newGeneration();
  /** Which one answered last. */
  #server = '';
  #refusal: string | null = null;

  constructor(client: RedisClient, host: ServerWatchHost) {
    this.#client = client;
    this.#host = host;
    for (const event of ['close', '+node', '-node']) client.on(event, () => this.#doubt());
    client.on('ready', () => this.#onReady());
    client.on('error', (error: Error) => {
      if (/^(WRONGPASS|NOAUTH|NOPERM|ERR (AUTH|invalid password))/.test(error.message)) {
        this.#refusal = `it refuses these credentials (${error.message})`;
      }
    });
  }

  /** See {@link StateStore.generation}. */
  get generation(): string {
    return this.#generation;
  }

  /** Why it cannot be used, in words, if it said so. */
  get refusal(): string | null {
    return this.#refusal;
  }

  #doubt(): void {
    this.#generation = newGeneration();
    this.#host.onDoubt();
  }

  #onReady(): void {
    this.#host.onBack();
    if (this.#client instanceof Cluster) return;
    this.#client.info('server', 'replication').then(
      (text) => this.#identify(text),
      () => {},
    );
  }

  /** A master that goes on being one takes nothing back; one that was a replica meanwhile has another id. */
  #identify(info: string): void {
    const { run_id: run = '', master_replid: replication = '' } = parseInfo(info);
    const hash = createHash('sha256').update(`${run} ${replication}`);
    this.#generation = hash.digest('base64url').slice(0, 8);
    if (this.#server && this.#server !== run) this.#host.onAnother();
    this.#server = run;
  }
}
