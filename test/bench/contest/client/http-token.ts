import type { Operations } from '../operations.ts';
import { Connection } from './connection.ts';
import type { EventSource } from './event-source.ts';
import { EventStream } from './event-stream.ts';
import { postRequest } from './post-request.ts';
import { ResponseReader } from './response-reader.ts';

/** What an event brings about: the state on the stream, and the answer. */
const answersPerEvent = 2;

/** A token with a subscription by server-sent events, and events posted on a connection that stays. */
export class HttpToken implements EventSource {
  readonly #stream: EventStream;
  readonly #posts: Connection;
  readonly #operations: Operations;
  readonly #event: Buffer;
  #onBody: ((part: Buffer) => void) | null = null;
  #left = 0;
  #done: () => void = () => {};

  /** Connects and subscribes; the subscription may take a moment to be there. */
  constructor(port: number, token: string, operations: Operations) {
    this.#operations = operations;
    const variables = { token };
    this.#stream = new EventStream(port, { query: operations.subscription, variables });
    this.#event = postRequest(
      port,
      { query: operations.event, variables },
      'application/graphql-response+json, application/json',
    );
    const reader = new ResponseReader({
      body: (part) => this.#onBody?.(part),
      end: () => this.#answered(1),
    });
    this.#posts = new Connection(port, (chunk, bytes) => reader.read(chunk.subarray(0, bytes)));
  }

  get bytes(): number {
    return this.#stream.bytes + this.#posts.bytes;
  }

  fire(done: () => void): void {
    this.#left = answersPerEvent;
    this.#done = done;
    this.#posts.write(this.#event);
  }

  /**
   * Begins to count; before, sends an event and reads what it brings about.
   *
   * @throws Error if that is not what an event is to bring about.
   */
  async check(): Promise<void> {
    let streamed = '';
    let answer = '';
    this.#stream.onEvents = (count) => this.#answered(count);
    this.#stream.onPart = (part) => {
      streamed += part;
    };
    this.#onBody = (part) => {
      answer += part;
    };
    await new Promise<void>((resolve) => this.fire(resolve));
    this.#stream.onPart = null;
    this.#onBody = null;
    const diff = /^event: next\ndata: (.*)\n\n$/.exec(streamed)?.[1];
    if (!diff || !this.#operations.isRight(JSON.parse(diff), JSON.parse(answer))) {
      throw new Error(`Expected what an event brings about, got ${answer} and ${streamed}.`);
    }
  }

  close(): void {
    this.#stream.close();
    this.#posts.close();
  }

  #answered(count: number): void {
    this.#left -= count;
    if (this.#left === 0) this.#done();
    else if (this.#left < 0) throw new Error('More has come than the event brings about.');
  }
}
