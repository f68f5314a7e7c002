import type { Socket } from 'node:net';
import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';

/** How many commands are written at once: more would keep Redis waiting while this process goes on. */
const commandsPerWrite = 8;

/**
 * Has the commands that are sent in one turn of the event loop written a few at a
 * time. A write for each of them is what they would cost most. Own code, since
 * pipelines cost as much as they save.
 */
export class WriteBatch {
  readonly #client: RedisClient;
  /** The connection that is held back in this turn. */
  #socket: Socket | null = null;
  #commands = 0;

  constructor(client: RedisClient) {
    this.#client = client;
  }

  /** To be called before a command is sent. */
  add(): void {
    // A cluster has a connection for each of its nodes.
    if (this.#client instanceof Cluster) return;
    if (this.#socket) {
      this.#commands += 1;
      if (this.#commands % commandsPerWrite > 0) return;
      this.#socket.uncork();
      this.#socket.cork();
      return;
    }
    // There is none before it is connected.
    const socket = this.#client.stream as Socket | undefined;
    if (!socket) return;
    this.#socket = socket;
    this.#commands = 1;
    socket.cork();
    process.nextTick(this.#end);
  }

  readonly #end = (): void => {
    this.#socket?.uncork();
    this.#socket = null;
  };
}
