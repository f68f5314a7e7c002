import { retryWait } from './retry-wait.ts';

/** A connection that lasted so long was a good one, whatever came over it. */
const stableMs = 10_000;

interface Connection {
  readonly since: number;
  /** The operations that have had a result over it. */
  readonly served: Set<string>;
  /** One of them has had a second one. */
  isUseful: boolean;
  /** There was a time when nobody needed it. */
  wasLeft: boolean;
}

/**
 * How long to wait before the next connection: longer each time, as long as none
 * was of use. All that is waited for is here, once for each connection.
 */
export class ConnectionAttempts {
  readonly #wait: (retries: number, signal: AbortSignal) => Promise<void>;
  /** How many in a row have failed, the last one included; 0 if there is no reason to wait. */
  #failures = 0;
  #connection: Connection | null = null;
  #waiting = new AbortController();

  /** @param wait instead of {@link retryWait}. */
  constructor(wait: (retries: number, signal: AbortSignal) => Promise<void> = retryWait) {
    this.#wait = wait;
  }

  /** To be called before each attempt, which counts as failed until it is connected. */
  async begin(): Promise<void> {
    const failures = this.#failures;
    this.#failures += 1;
    if (failures === 0) return;
    this.#waiting = new AbortController();
    await this.#wait(failures - 1, this.#waiting.signal);
  }

  /** Ends the wait that is under way. */
  hurry(): void {
    this.#waiting.abort();
  }

  connected(): void {
    const since = performance.now();
    this.#connection = { since, served: new Set(), isUseful: false, wasLeft: false };
  }

  /** A result has come, of an operation. */
  served(id: string): void {
    const connection = this.#connection;
    if (!connection) return;
    // The first one again and again may be all that the server has before it fails.
    if (connection.served.has(id)) connection.isUseful = true;
    else connection.served.add(id);
  }

  /** Nobody needs the connection any more. */
  left(): void {
    if (this.#connection) this.#connection.wasLeft = true;
  }

  /** @param isNormal whether it was closed as by somebody who does not need it. */
  closed(isNormal: boolean): void {
    const connection = this.#connection;
    this.#connection = null;
    // It has failed before it was connected.
    if (!connection) return;
    const { since, isUseful, wasLeft } = connection;
    if (isNormal && wasLeft) this.#failures = 0;
    else if (isUseful || performance.now() - since > stableMs) this.#failures = 1;
  }
}
