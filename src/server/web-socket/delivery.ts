import { type ExecutionResult, GraphQLError } from 'graphql';
import { type Context, MessageType } from 'graphql-ws';
import { isPolled } from '../../stream/polled.ts';
import type { MaybePromise } from '../../time/at-once.ts';
import { forClients, withoutInternals } from '../operation/for-clients.ts';

/** A connection: its promise resolves when it has room for more. */
interface Sender {
  send(data: string): Promise<void> | undefined;
}

type SenderContext = Context<Record<string, unknown>, Sender>;
type Results = AsyncIterableIterator<ExecutionResult>;

/** As JSON: to make an object of both only for that takes half as long again. */
function nextMessage(id: string, payload: unknown): string {
  return `{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":${JSON.stringify(payload)}}`;
}

/**
 * Sends the results of one subscription, each when its socket has room for it. The loop of
 * graphql-ws does the same, but keeps a function, a message and its arguments for as long as
 * it waits: 0.8 KB more. All that clients say of the subscription is still between them and
 * graphql-ws, which has it among its `subscriptions`.
 */
export class Delivery {
  readonly #context: SenderContext;
  readonly #id: string;
  readonly #results: Results;

  constructor(context: SenderContext, id: string, results: Results) {
    this.#context = context;
    this.#id = id;
    this.#results = results;
  }

  begin(): void {
    this.#context.subscriptions[this.#id] = this.#results as never;
    this.#ask();
  }

  /** Sends what there is, until the next result, or the socket, has to be waited for. */
  readonly #ask = (): void => {
    try {
      let isNextWanted = true;
      while (isNextWanted) {
        const result = this.#next();
        if (result instanceof Promise) {
          result
            .then((later) => this.#send(later) && this.#ask())
            .catch((error) => this.#onFailure(error));
          return;
        }
        isNextWanted = result !== null && this.#send(result);
      }
    } catch (error) {
      this.#onFailure(error);
    }
  };

  /** The next result; null if it is asked for again when there is one. */
  #next(): MaybePromise<IteratorResult<ExecutionResult>> | null {
    const results = this.#results;
    if (!isPolled(results)) return results.next();
    const result = results.poll();
    if (result === null) void results.whenReady().then(this.#ask);
    return result;
  }

  /** Whether the next one is wanted now: not after the last, and not while the socket is behind. */
  #send({ done, value }: IteratorResult<ExecutionResult>): boolean {
    if (done) {
      if (this.#end()) this.#tell(MessageType.Complete);
      return false;
    }
    const sent = this.#context.extra.send(nextMessage(this.#id, forClients(value)));
    if (!sent) return true;
    void sent.then(this.#ask);
    return false;
  }

  /** It could not be executed, or cannot be written as JSON. */
  #onFailure(error: unknown): void {
    // One that has failed may fail to end as well: that is nobody's business any more.
    Promise.resolve()
      .then(() => this.#results.return?.())
      .catch(() => {});
    if (!this.#end()) return;
    const originalError = error instanceof Error ? error : new Error(String(error));
    const told = new GraphQLError(originalError.message, { originalError });
    this.#tell(MessageType.Error, withoutInternals([told]));
  }

  #tell(type: MessageType, payload?: unknown): Promise<void> | undefined {
    return this.#context.extra.send(JSON.stringify({ id: this.#id, type, payload }));
  }

  /** Whether its client still waits for it. */
  #end(): boolean {
    const { subscriptions } = this.#context;
    if (subscriptions[this.#id] !== (this.#results as never)) return false;
    delete subscriptions[this.#id];
    return true;
  }
}
