import { Client, fetchExchange, type TypedDocumentNode } from '@urql/core';
import { print } from 'graphql';
import type { Client as SocketClient } from 'graphql-ws';
import { type DiffOf, liveState, SubscriptionRefusedError } from 'statewire/client';
import { graphql } from '../gql/index.ts';
import { resultsOf } from '../sdk/results-of.ts';
import { Failure } from './failure.ts';
import { type Connection, httpUrl, openSocket } from './socket.ts';
import { TabToken } from './token.ts';

const IssueToken = graphql(`
  mutation IssueToken {
    issueToken
  }
`);

/** Variables of an operation for this tab's state: the session adds the token. */
export type WithToken = { token: string };
type WithoutToken<Variables> = Omit<Variables, 'token'>;

/** Of a subscription, which the session also has go on from where it was. */
export type LiveVariables = { token: string; since?: string | null | undefined };

/**
 * GraphQL operations for this tab's state. If the server refuses the tab's
 * token (it was restarted with another secret, say), the session gets a new one
 * and sends the operation again.
 */
export class Session {
  readonly #client: Client;
  readonly #socket: SocketClient;
  readonly #token: TabToken;
  /** How to end the subscriptions that run. */
  readonly #following = new Set<() => void>();

  constructor(onConnection: (connection: Connection) => void) {
    this.#client = new Client({
      url: httpUrl,
      preferGetMethod: false,
      exchanges: [fetchExchange],
    });
    this.#socket = openSocket(onConnection);
    this.#token = new TabToken(() => this.#issueToken());
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
   * Calls `onDiff` with a snapshot and then with every change, for as long as the
   * page lives.
   *
   * @throws {@link Failure} if the server refuses.
   */
  watch<Data>(
    subscription: TypedDocumentNode<Data, LiveVariables>,
    onDiff: (diff: DiffOf<Data>) => void,
  ): Promise<never> {
    return this.#keep((token) => liveState(this.#socket, subscription, { token }), onDiff);
  }

  /**
   * The same for a subscription without a cursor, which begins anew after a break.
   *
   * @throws {@link Failure} if the server refuses.
   */
  listen<Data>(
    subscription: TypedDocumentNode<Data, WithToken>,
    onData: (data: Data) => void,
  ): Promise<never> {
    const query = print(subscription);
    return this.#keep(
      (token) => resultsOf<Data>(this.#socket, { query, variables: { token } }),
      onData,
    );
  }

  /** Follows what the server tells of a token; if it refuses the token, of the next one. */
  async #keep<Item>(
    subscribe: (token: string) => AsyncIterable<Item>,
    onItem: (item: Item) => void,
  ): Promise<never> {
    let refusals = 0;
    while (true) {
      try {
        await this.#follow(subscribe, (item) => {
          refusals = 0;
          onItem(item);
        });
      } catch (error) {
        if (!isInvalidToken(error) || refusals > 0) throw error;
        refusals += 1;
      }
    }
  }

  async #issueToken(): Promise<string> {
    const { data, error } = await this.#client.mutation(IssueToken, {});
    if (data) return data.issueToken;
    throw Failure.from(error?.graphQLErrors ?? [], error);
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
    throw this.#failure(Failure.from(error?.graphQLErrors ?? [], error), token);
  }

  /** Until the server refuses it, or the token has been replaced. */
  async #follow<Item>(
    subscribe: (token: string) => AsyncIterable<Item>,
    onItem: (item: Item) => void,
  ): Promise<void> {
    const token = await this.#token.get();
    const items = subscribe(token)[Symbol.asyncIterator]();
    const end = () => void items.return?.();
    this.#following.add(end);
    try {
      for (let item = await items.next(); !item.done; item = await items.next()) onItem(item.value);
    } catch (error) {
      if (!(error instanceof SubscriptionRefusedError)) throw error;
      throw this.#failure(Failure.from(error.errors, error), token);
    } finally {
      this.#following.delete(end);
    }
  }

  /** All that run under a token that was refused must go on under the next one. */
  #failure(failure: Failure, token: string): Failure {
    if (isInvalidToken(failure) && this.#token.forget(token)) {
      for (const end of this.#following) end();
    }
    return failure;
  }
}

function isInvalidToken(error: unknown): boolean {
  return error instanceof Failure && error.code === 'INVALID_TOKEN';
}
