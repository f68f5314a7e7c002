import type { Client } from '@urql/core';
import { graphql } from '../gql/index.ts';
import { Failure } from './failure.ts';

const IssueToken = graphql(`
  mutation IssueToken {
    issueToken
  }
`);

const storageKey = 'statewire-token';

/**
 * This tab's token: issued once, kept for as long as the tab lives, across
 * reloads too. Whoever has the token has its state, so it goes nowhere else.
 */
export class TabToken {
  readonly #client: Client;
  #issuing: Promise<string> | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  /** @throws {@link Failure} if there is none yet and none can be had. */
  get(): Promise<string> {
    const kept = sessionStorage.getItem(storageKey);
    if (kept !== null) return Promise.resolve(kept);
    // Callers that come together share one token.
    this.#issuing ??= this.#issue().finally(() => {
      this.#issuing = null;
    });
    return this.#issuing;
  }

  /**
   * To be called when the server refused a token: the next `get` asks for
   * another. Returns whether it was this tab's token until now.
   */
  forget(refused: string): boolean {
    if (sessionStorage.getItem(storageKey) !== refused) return false;
    sessionStorage.removeItem(storageKey);
    return true;
  }

  async #issue(): Promise<string> {
    const { data, error } = await this.#client.mutation(IssueToken, {});
    if (!data) throw Failure.from(error?.graphQLErrors ?? [], error);
    sessionStorage.setItem(storageKey, data.issueToken);
    return data.issueToken;
  }
}
