import {
  type LiveState,
  liveState,
  type OperationPayload,
  type ResultSink,
  type SubscriptionClient,
  type UntypedData,
} from 'statewire/client';
import type { Operation } from './operation.ts';

type Diff = UntypedData[string];

/**
 * Subscriptions that outlive their connections, as async iterables of their data.
 * Each reader has a subscription of its own, which ends when it leaves.
 */
export class LiveSubscriptions {
  readonly #client: SubscriptionClient;
  readonly #readers = new Set<AsyncIterableIterator<Diff>>();

  constructor(client: SubscriptionClient) {
    this.#client = strict(client);
  }

  /** @param field under which its data has the diff. */
  dataOf<Data>(operation: Operation, field: string): AsyncIterable<Data> {
    const live = liveState(this.#client, operation.query, operation.variables);
    return { [Symbol.asyncIterator]: () => this.#read<Data>(live, field) };
  }

  /** Ends the loops of all readers. */
  async close(): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => reader.return?.()));
  }

  #read<Data>(live: LiveState<Diff>, field: string): AsyncIterator<Data, undefined> {
    const reader = live[Symbol.asyncIterator]();
    this.#readers.add(reader);
    const end = (): IteratorReturnResult<undefined> => {
      this.#readers.delete(reader);
      return { done: true, value: undefined };
    };
    return {
      async next() {
        try {
          const { done, value } = await reader.next();
          return done ? end() : { value: { [field]: value } as Data };
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
