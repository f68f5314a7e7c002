import type { Client } from 'graphql-ws';
import {
  liveState,
  type OperationPayload,
  type ResultSink,
  type SubscriptionClient,
  type UntypedData,
} from 'statewire/client';
import type { Operation } from './operation.ts';
import { resultsOf } from './results-of.ts';

type Diff = UntypedData[string];

/**
 * Subscriptions that outlive their connections, as async iterables of their data.
 * Each reader has a subscription of its own, which ends when it leaves.
 */
export class LiveSubscriptions {
  readonly #client: Client;
  readonly #strict: SubscriptionClient;
  readonly #readers = new Set<AsyncIterator<unknown>>();

  constructor(client: Client) {
    this.#client = client;
    this.#strict = strict(client);
  }

  /**
   * Goes on from its cursor.
   *
   * @param field under which its data has the diff.
   */
  dataOf<Data>(operation: Operation, field: string): AsyncIterable<Data> {
    const live = liveState(this.#strict, operation.query, operation.variables);
    const dataOf = (diff: Diff) => ({ [field]: diff }) as Data;
    return { [Symbol.asyncIterator]: () => this.#read(live[Symbol.asyncIterator](), dataOf) };
  }

  /** Begins anew after a break: for what has no cursor. */
  anewDataOf<Data>(operation: Operation): AsyncIterable<Data> {
    return {
      [Symbol.asyncIterator]: () =>
        this.#read(resultsOf<Data>(this.#client, operation), (data) => data),
    };
  }

  /** Ends the loops of all readers. */
  async close(): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => reader.return?.()));
  }

  #read<Item, Data>(
    reader: AsyncIterator<Item, unknown>,
    dataOf: (item: Item) => Data,
  ): AsyncIterator<Data, undefined> {
    this.#readers.add(reader);
    const end = (): IteratorReturnResult<undefined> => {
      this.#readers.delete(reader);
      return { done: true, value: undefined };
    };
    return {
      async next() {
        try {
          const result = await reader.next();
          return result.done ? end() : { value: dataOf(result.value) };
        } catch (error) {
          end();
          throw error;
        }
      },
      async return() {
        await reader.return?.();
        return end();
      },
    };
  }
}

/** A diff whose fields have errors is no whole one: it ends its subscription. */
function strict(client: SubscriptionClient): SubscriptionClient {
  return {
    ...client,
    subscribe: (payload: OperationPayload, sink: ResultSink, on) =>
      client.subscribe(
        payload,
        {
          ...sink,
          next(result) {
            const { errors } = result as { readonly errors?: readonly unknown[] };
            if (errors) sink.error(errors);
            else sink.next(result);
          },
        },
        on,
      ),
  };
}
