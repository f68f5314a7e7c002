import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-client.ts';

/**
 * A program that runs in Redis as one step. An error in it takes nothing back:
 * each looks at everything before it writes anything.
 */
export class Script {
  readonly #source: string;
  readonly #sha: string;

  constructor(source: string) {
    this.#source = source;
    this.#sha = createHash('sha1').update(source).digest('hex');
  }

  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await client.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      // Never loaded there, or flushed since.
      return await client.eval(this.#source, keys.length, ...keys, ...args);
    }
  }
}
