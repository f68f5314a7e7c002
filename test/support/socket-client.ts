import type { ExecutionResult } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** What tests read of any result: fields without their types. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into results whose shape their query says.
export type Data = any;

export type Result = ExecutionResult<Data>;

/** A subscription whose results a test takes one by one. */
export class Subscription {
  readonly #results: AsyncIterableIterator<Result>;

  constructor(results: AsyncIterableIterator<Result>) {
    this.#results = results;
  }

  /** The next result, with or without errors; null when the subscription is complete. */
  async nextResult(): Promise<Result | null> {
    const { done, value } = await this.#results.next();
    return done ? null : value;
  }

  /** The data of the next result's only field. */
  async next(): Promise<Data> {
    const result = await this.nextResult();
    if (!result) throw new Error('Expected a result, got the end of the subscription.');
    return onlyField(result);
  }

  /** As many as `count` results. */
  async take(count: number): Promise<Data[]> {
    const taken: Data[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** Results up to and with the first for which the condition holds. */
  async takeUntil(condition: (diff: Data) => boolean): Promise<Data[]> {
    const taken: Data[] = [];
    do taken.push(await this.next());
    while (!condition(taken.at(-1)));
    return taken;
  }

  async close(): Promise<void> {
    await this.#results.return?.();
  }
}

/** One that is terminated while it connects fails when nobody listens any more. */
class QuietWebSocket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args);
    this.on('error', () => {});
  }
}

/** A graphql-ws client over a real socket. */
export class SocketClient {
  readonly client: Client;

  constructor(url: string) {
    this.client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: QuietWebSocket,
      retryAttempts: 0,
      lazy: true,
    });
  }

  subscribe(query: string, variables: Record<string, unknown> = {}): Subscription {
    return new Subscription(
      this.client.iterate<Data>({ query, variables }) as AsyncIterableIterator<Result>,
    );
  }

  /** The whole result of a query or mutation. Errors that end the operation are in `errors` too. */
  async result(query: string, variables: Record<string, unknown> = {}): Promise<Result> {
    try {
      for await (const result of this.client.iterate<Data>({ query, variables })) {
        return result as Result;
      }
    } catch (errors) {
      if (Array.isArray(errors)) return { errors };
      throw errors;
    }
    throw new Error('Expected a result, got none.');
  }

  /** The data of a query's or mutation's only field; throws if there are errors. */
  async run(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    return onlyField(await this.result(query, variables));
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }
}

function onlyField(result: Result): Data {
  if (result.errors) throw new Error(`Expected no errors, got ${JSON.stringify(result.errors)}`);
  return Object.values(result.data ?? {})[0];
}
