import { setTimeout as sleep } from 'node:timers/promises';
import { type Data, SocketClient } from '../support/socket-client.ts';
import { until } from '../support/until.ts';

const watch = `subscription ($token: ID!, $since: String) {
  job(token: $token, since: $since) { version since reset cursor }
}`;

/** Before another node is tried, in ms. */
const pauseMs = 20;

/** Watches a token, now on one node, now on the other, each time from where it was. */
export class SteadyWatcher {
  readonly diffs: Data[] = [];
  /** How often it has gone on elsewhere. */
  moves = 0;
  readonly #token: string;
  readonly #urls: readonly string[];
  #client: SocketClient | null = null;
  #isStopped = false;

  constructor(token: string, urls: readonly string[]) {
    this.#token = token;
    this.#urls = urls;
  }

  async work(): Promise<void> {
    for (let turn = 0; !this.#isStopped; turn += 1) {
      const client = new SocketClient(this.#urls[turn % this.#urls.length] as string);
      this.#client = client;
      await this.#watchThrough(client).catch(() => {});
      await client.close();
      await sleep(pauseMs);
    }
  }

  /** Resolves when it has that version. */
  async stopAt(version: number): Promise<void> {
    const isThere = () => this.diffs.at(-1)?.version >= version;
    await until(isThere, `a watcher has version ${version}`, 60_000);
    this.#isStopped = true;
    await this.#client?.close();
  }

  /** Where a diff does not follow the one before it; empty if they are a chain from a reset on. */
  get gaps(): string[] {
    return this.diffs.flatMap(({ version, since, reset }, index) => {
      const last = this.diffs[index - 1];
      const follows = last ? !reset && since === last.version : reset;
      return follows
        ? []
        : [`${since}..${version}${reset ? ' as a reset' : ''} after ${last?.version}`];
    });
  }

  async #watchThrough(client: SocketClient): Promise<void> {
    const since = this.diffs.at(-1)?.cursor ?? null;
    const subscription = client.subscribe(watch, { token: this.#token, since });
    for (let isFirst = true; ; isFirst = false) {
      this.diffs.push(await subscription.next());
      if (isFirst && since !== null) this.moves += 1;
    }
  }
}
