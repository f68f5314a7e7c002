import { RawSocket } from '../support/raw-socket.ts';
import type { Data } from '../support/socket-client.ts';

/** Watches a field of a token on a socket of its own, until the server closes that. */
export class Watcher {
  readonly #raw: RawSocket;

  private constructor(raw: RawSocket) {
    this.#raw = raw;
  }

  /** Resolves when it has its first diff. */
  static async open(url: string, field: string, since: string | null = null): Promise<Watcher> {
    const raw = await RawSocket.ready(url);
    const watch = `subscription ($since: String) { ${field} }`;
    raw.subscribe('1', watch, { since });
    await raw.answer('1');
    return new Watcher(raw);
  }

  get diffs(): Data[] {
    const results = this.#raw.received.filter(({ type }) => type === 'next');
    return results.map(({ payload }) => Object.values(payload.data)[0]);
  }

  /** Resolves to how the server has closed it. */
  get closed(): Promise<{ code: number }> {
    return this.#raw.closed;
  }

  /** Resolves when a diff has come for which the condition holds. */
  async until(condition: (diff: Data) => boolean): Promise<void> {
    await this.#raw.until(({ type, payload }) => {
      return type === 'next' && condition(Object.values(payload.data)[0]);
    });
  }

  close(): void {
    this.#raw.socket.terminate();
  }
}
