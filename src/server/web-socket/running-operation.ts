import type { ExecutionResult, GraphQLError } from 'graphql';
import { isPolled, type ReadyListener } from '../../stream/polled.ts';
import type { MaybePromise } from '../../time/at-once.ts';
import type { Results } from '../operation/executor.ts';
import type { Mask } from '../operation/finish-errors.ts';
import { completeMessage, errorMessage, nextMessage } from './messages.ts';
import type { RunningOperations } from './running-operations.ts';

/** The connection over which an operation was asked for. */
export interface Asker {
  readonly running: RunningOperations;
  /** Its promise resolves when there is room for more. */
  send(message: string): Promise<void> | undefined;
}

/**
 * One operation of a client, from when it is asked for to its last message: sends its result,
 * or those of a subscription, each when the socket has room for it.
 */
export class RunningOperation implements ReadyListener {
  readonly id: string;
  readonly #asker: Asker;
  readonly #mask: Mask;
  /** Of a subscription, once it has begun. */
  #results: Results | null = null;
  /** Whether its client is to be told more. */
  #isWanted = true;
  #isListed = false;

  constructor(id: string, asker: Asker, mask: Mask) {
    this.id = id;
    this.#asker = asker;
    this.#mask = mask;
  }

  /** From here on its client may end it. One that is answered at once is over before anybody could ask for it. */
  list(): void {
    if (this.#isListed || !this.#isWanted) return;
    this.#isListed = true;
    this.#asker.running.add(this);
  }

  answer(result: ExecutionResult | Results): void {
    if (Symbol.asyncIterator in result) {
      this.#results = result;
      if (this.#isWanted) {
        this.list();
        this.#ask();
      } else {
        void this.stop();
      }
    } else {
      const message = nextMessage(this.id, result);
      if (this.#end(message)) this.#asker.send(completeMessage(this.id));
    }
  }

  /** What is wrong with it; errors that cannot be written as JSON are masked. */
  refuse(errors: readonly GraphQLError[]): void {
    try {
      this.#end(errorMessage(this.id, errors));
    } catch (error) {
      this.fail(error);
    }
  }

  /** It is broken in a way that is no error of a field: a result cannot be written as JSON, say. */
  fail(error: unknown): void {
    this.refuse([this.#mask(error) as GraphQLError]);
  }

  /** Its client wants no more of it. One that has failed may fail to end as well: that is nobody's business any more. */
  async stop(): Promise<void> {
    this.#forget();
    try {
      await this.#results?.return?.();
    } catch {}
  }

  /** Called by its results, when there are new ones. */
  onReady(): void {
    this.#ask();
  }

  /** Sends what there is, until the next result, or the socket, has to be waited for. */
  #ask(): void {
    try {
      let isNextWanted = true;
      while (isNextWanted) {
        const result = this.#next();
        if (result instanceof Promise) {
          result
            .then((later) => this.#send(later) && this.#ask())
            .catch((error) => this.#breakOff(error));
          return;
        }
        isNextWanted = result !== null && this.#send(result);
      }
    } catch (error) {
      this.#breakOff(error);
    }
  }

  /** The next result; null if it is asked for again when there is one. */
  #next(): MaybePromise<IteratorResult<ExecutionResult>> | null {
    const results = this.#results as Results;
    if (!isPolled(results)) return results.next();
    const result = results.poll();
    if (result === null) results.whenReady(this);
    return result;
  }

  /**
   * Whether the next one is wanted now: not after the last, and not while the socket is behind.
   * What comes after its client has ended it is not sent: its id may be another's by now.
   */
  #send({ done, value }: IteratorResult<ExecutionResult>): boolean {
    if (!this.#isWanted) return false;
    if (done) {
      this.#end(completeMessage(this.id));
      return false;
    }
    const sent = this.#asker.send(nextMessage(this.id, value));
    if (!sent) return true;
    void sent.then(() => this.#ask());
    return false;
  }

  #breakOff(error: unknown): void {
    this.fail(error);
    void this.stop();
  }

  /** Sends its last message, or the one before; false if its client waits for none. */
  #end(message: string): boolean {
    if (!this.#isWanted) return false;
    this.#forget();
    this.#asker.send(message);
    return true;
  }

  #forget(): void {
    this.#isWanted = false;
    if (this.#isListed) this.#asker.running.delete(this);
    this.#isListed = false;
  }
}
