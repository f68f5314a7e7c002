import type { Client, TypedDocumentNode } from '@urql/core';
import { type Connection, createPageClient } from './client.ts';
import { Failure } from './failure.ts';
import { TabToken } from './token.ts';

/** Variables of an operation for this tab's state: the session adds the token. */
type WithToken = { token: string };
type WithoutToken<Variables> = Omit<Variables, 'token'>;

/** How long to wait before subscribing again when the server had no answer. */
const retryMs = 1_000;

/**
 * GraphQL operations for this tab's state. If the server refuses the tab's
 * token (it was restarted with another secret, say), the session gets a new one
 * and sends the operation again.
 */
export class Session {
  readonly #client: Client;
  readonly #token: TabToken;
  /** How to end the subscriptions that run. */
  readonly #following = new Set<(reason: unknown) => void>();

  constructor(onConnection: (connection: Connection) => void) {
    this.#client = createPageClient(onConnection);
    this.#token = new TabToken(this.#client);
  }

  /** @throws {@link Failure} if the server did not do it. */
  async mutate<Data, Variables extends WithToken>(
    mutation: TypedDocumentNode<Data, Variables>,
    variables: WithoutToken<Variables>,
  ): Promise<Data> {
    try {
      return await this.#send(mutation, variables);
    } catch (error) {
      if (!isInvalidToken(error)) throw error;
      return await this.#send(mutation, variables);
    }
  }

  /**
   * Calls `onData` with a snapshot and then with every change, for as long as
   * the page lives: it starts again after whatever ended it.
   *
   * @throws {@link Failure} if the server answers, but refuses.
   */
  async watch<Data, Variables extends WithToken>(
    subscription: TypedDocumentNode<Data, Variables>,
    onData: (data: Data) => void,
  ): Promise<never> {
    let refusals = 0;
    while (true) {
      try {
        await this.#follow(subscription, (data) => {
          refusals = 0;
          onData(data);
        });
      } catch (error) {
        if (isInvalidToken(error) && refusals++ === 0) continue;
        if (!(error instanceof Failure) || error.code !== 'UNREACHABLE') throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  async #send<Data, Variables extends WithToken>(
    mutation: TypedDocumentNode<Data, Variables>,
    variables: WithoutToken<Variables>,
  ): Promise<Data> {
    const token = await this.#token.get();
    const { data, error } = await this.#client.mutation(mutation, {
      ...variables,
      token,
    } as Variables);
    if (data && !error) return data;
    throw this.#failure(Failure.from(error), token);
  }

  /** Settles when the subscription has ended, always with why. */
  async #follow<Data, Variables extends WithToken>(
    subscription: TypedDocumentNode<Data, Variables>,
    onData: (data: Data) => void,
  ): Promise<never> {
    const token = await this.#token.get();
    const results = this.#client.subscription(subscription, { token } as Variables);
    const { promise, reject } = Promise.withResolvers<never>();
    const { unsubscribe } = results.subscribe(({ data, error }) => {
      if (error) return reject(this.#failure(Failure.from(error), token));
      try {
        if (data) onData(data);
      } catch (bug) {
        // Thrown on, it would look like a broken connection.
        reject(bug);
      }
    });
    this.#following.add(reject);
    try {
      return await promise;
    } finally {
      this.#following.delete(reject);
      unsubscribe();
    }
  }

  /** All that run under a token that was refused must go on under the next one. */
  #failure(failure: Failure, token: string): Failure {
    if (isInvalidToken(failure) && this.#token.forget(token)) {
      for (const end of this.#following) end(failure);
    }
    return failure;
  }
}

function isInvalidToken(error: unknown): boolean {
  return error instanceof Failure && error.code === 'INVALID_TOKEN';
}
