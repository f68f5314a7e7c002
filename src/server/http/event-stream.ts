import { Readable } from 'node:stream';
import type { ExecutionResult } from 'graphql';
import { textForClients } from '../operation/for-clients.ts';

/** Keeps the connection alive; the first one makes browsers see that the stream has begun. */
const ping = ':\n\n';
const pingMs = 12_000;

/**
 * The results of a subscription as server-sent events: the bytes of yoga's own stream. That
 * is a web stream around one of Node, which makes a controller and copies the bytes for each
 * event. A result is asked for when there is room for it; whoever destroys the stream ends
 * the subscription.
 */
export class EventStream extends Readable {
  readonly #results: AsyncIterator<ExecutionResult>;
  readonly #pings: NodeJS.Timeout;
  #isAsking = false;

  constructor(results: AsyncIterable<ExecutionResult>) {
    super();
    this.#results = results[Symbol.asyncIterator]();
    this.push(ping);
    this.#pings = setInterval(() => {
      // A client that is behind has enough to read.
      if (this.readableLength === 0) this.push(ping);
    }, pingMs).unref();
  }

  override _read(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#results.next().then(this.#send, this.#fail);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearInterval(this.#pings);
    const left = () => callback(error);
    Promise.resolve(this.#results.return?.()).then(left, left);
  }

  readonly #send = ({ value, done }: IteratorResult<ExecutionResult>): void => {
    if (this.destroyed) return;
    if (done) {
      this.push('event: complete\ndata:\n\n');
      this.#end();
      return;
    }
    try {
      const json = textForClients(value);
      this.#isAsking = false;
      this.push(`event: next\ndata: ${json}\n\n`);
    } catch {
      // It cannot be written as JSON.
      this.#fail();
    }
  };

  /** Without `complete`, so that its client sees that there would have been more. */
  readonly #fail = (): void => {
    if (!this.destroyed) this.#end();
  };

  #end(): void {
    clearInterval(this.#pings);
    this.push(null);
  }
}
