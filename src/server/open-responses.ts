import type { ServerResponse } from 'node:http';

/** The responses of a server that have begun and not ended. */
export class OpenResponses {
  readonly #open = new Set<ServerResponse>();
  #isLast = false;
  #onEnd = () => {};

  add(response: ServerResponse): void {
    if (this.#isLast) response.shouldKeepAlive = false;
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      this.#onEnd();
    });
  }

  /** From here on each is its connection's last, and says so, unless its headers are sent. */
  closeConnections(): void {
    this.#isLast = true;
    for (const response of this.#open) response.shouldKeepAlive = false;
  }

  /** Resolves when all have ended but event streams, which never do. */
  async ended(): Promise<void> {
    while ([...this.#open].some((response) => !isStream(response))) {
      await new Promise<void>((resolve) => {
        this.#onEnd = resolve;
      });
    }
  }
}

/** Answers are written at once; what has begun and goes on is a stream of events. */
function isStream(response: ServerResponse): boolean {
  return response.headersSent && !response.writableEnded;
}
