import { setTimeout as sleep } from 'node:timers/promises';
import { SocketClient } from '../support/socket-client.ts';

const add = 'mutation ($token: ID!, $op: String!) { jobAdd(token: $token, op: $op) { version } }';

/** Before another node is tried, in ms. */
const pauseMs = 20;

/** Adds to a token as fast as it is answered, now on one node, now on the other: on the next when one will not. */
export class SteadyClient {
  readonly acknowledged: string[] = [];
  /** Those of which nobody knows whether they were done. */
  readonly unknown: string[] = [];
  readonly name: string;
  readonly #token: string;
  readonly #urls: readonly string[];
  #isStopped = false;

  constructor(name: string, token: string, urls: readonly string[]) {
    this.name = name;
    this.#token = token;
    this.#urls = urls;
  }

  stop(): void {
    this.#isStopped = true;
  }

  async work(): Promise<void> {
    for (let turn = 0; !this.#isStopped; turn += 1) {
      const client = new SocketClient(this.#urls[turn % this.#urls.length] as string);
      // What a node refuses is not done; what is lost with a connection may be.
      await this.#addThrough(client).catch((op: string) => this.unknown.push(op));
      await client.close();
      await sleep(pauseMs);
    }
  }

  async #addThrough(client: SocketClient): Promise<void> {
    while (!this.#isStopped) {
      const op = `${this.name} ${this.acknowledged.length + this.unknown.length}`;
      const result = await client.result(add, { token: this.#token, op }).catch(() => null);
      if (!result) throw op;
      if (result.errors) return;
      this.acknowledged.push(op);
      await sleep(pauseMs);
    }
  }
}
