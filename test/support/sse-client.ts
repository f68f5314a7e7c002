import type { Data } from './socket-client.ts';

/** A subscription by server-sent events, over a real HTTP connection. */
export class SseSubscription {
  readonly #aborter = new AbortController();
  readonly #events: AsyncGenerator<Data>;

  constructor(url: string, query: string, variables: Record<string, unknown> = {}) {
    this.#events = this.#read(url, JSON.stringify({ query, variables }));
  }

  /** The data of the next result's only field. */
  async next(): Promise<Data> {
    const { value, done } = await this.#events.next();
    if (done) throw new Error('Expected an event, got the end of the stream.');
    if (value.errors) throw new Error(JSON.stringify(value.errors));
    return Object.values(value.data)[0];
  }

  /** Ends the connection, as a browser does that goes elsewhere. */
  abort(): void {
    this.#aborter.abort();
  }

  async *#read(url: string, body: string): AsyncGenerator<Data> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body,
      signal: this.#aborter.signal,
    });
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = `${text}${chunk}`.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.+)$/m.exec(event)?.[1];
        if (data) yield JSON.parse(data);
      }
    }
  }
}
