import type { Page } from 'playwright-core';

/** What a page's WebSockets receive, which a test can hold back for a while. */
export class HeldFrames {
  #isHolding = false;
  readonly #held: (() => void)[] = [];

  get held(): number {
    return this.#held.length;
  }

  /** To be called before the page is loaded. */
  async route(page: Page): Promise<void> {
    await page.routeWebSocket(/graphql/, (socket) => {
      socket.connectToServer().onMessage((message) => {
        if (this.#isHolding) this.#held.push(() => socket.send(message));
        else socket.send(message);
      });
    });
  }

  hold(): void {
    this.#isHolding = true;
  }

  release(): void {
    this.#isHolding = false;
    for (const send of this.#held.splice(0)) send();
  }
}
