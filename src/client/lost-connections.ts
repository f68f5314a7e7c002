import { retryWait } from './retry-wait.ts';

/** A connection that lasted so long was a good one, whatever came over it. */
const stableMs = 10_000;

/**
 * How often in a row a connection was lost without having been of use: so long is the
 * wait before the next one.
 */
export class LostConnections {
  #inARow = 0;
  #connectedAt = Number.POSITIVE_INFINITY;
  #isUseful = false;
  /** Nobody has waited since the last loss. */
  #isDue = false;

  connected(): void {
    this.#connectedAt = performance.now();
    this.#isUseful = false;
  }

  /** A result has come over it. */
  served(): void {
    this.#isUseful = true;
  }

  /** @param isMissed whether there are subscriptions that it was for. */
  lost(isMissed: boolean): void {
    if (this.#isUseful || performance.now() - this.#connectedAt > stableMs) this.#inARow = 0;
    this.#connectedAt = Number.POSITIVE_INFINITY;
    this.#isUseful = false;
    this.#isDue = isMissed;
  }

  async wait(): Promise<void> {
    this.#isDue = false;
    const retries = this.#inARow;
    this.#inARow += 1;
    await retryWait(retries);
  }

  /** For who connects again without waiting, as graphql-ws does after a normal closure. */
  async waitIfDue(): Promise<void> {
    if (this.#isDue) await this.wait();
  }
}
