const storageKey = 'statewire-token';

/**
 * This tab's token: issued once, kept for as long as the tab lives, across
 * reloads too. Whoever has the token has its state, so it goes nowhere else.
 */
export class TabToken {
  readonly #issue: () => Promise<string>;
  #issuing: Promise<string> | null = null;

  /** @param issue asks the server for one. */
  constructor(issue: () => Promise<string>) {
    this.#issue = issue;
  }

  /** Fails as `issue` does if there is none yet. */
  get(): Promise<string> {
    const kept = sessionStorage.getItem(storageKey);
    if (kept !== null) return Promise.resolve(kept);
    // Callers that come together share one token.
    this.#issuing ??= this.#issueAndKeep().finally(() => {
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

  async #issueAndKeep(): Promise<string> {
    const token = await this.#issue();
    sessionStorage.setItem(storageKey, token);
    return token;
  }
}
