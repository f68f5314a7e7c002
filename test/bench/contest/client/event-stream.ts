import { Connection } from './connection.ts';
import { EventCounter } from './event-counter.ts';
import { postRequest } from './post-request.ts';
import { ResponseReader } from './response-reader.ts';

/** A subscription by server-sent events, which counts them. */
export class EventStream {
  /** Called with how many events have come, as soon as some have. */
  onEvents: (count: number) => void = () => {};
  /** Gets all that comes; it is good during the call only. */
  onPart: ((part: Buffer) => void) | null = null;
  readonly #connection: Connection;

  constructor(port: number, payload: object) {
    const counter = new EventCounter();
    const reader = new ResponseReader({
      body: (part) => {
        this.onPart?.(part);
        const count = counter.count(part);
        if (count > 0) this.onEvents(count);
      },
      end: () => this.#connection.fail(new Error('The server ended an event stream.')),
    });
    this.#connection = new Connection(port, (chunk, bytes) =>
      reader.read(chunk.subarray(0, bytes)),
    );
    this.#connection.write(postRequest(port, payload, 'text/event-stream'));
  }

  get bytes(): number {
    return this.#connection.bytes;
  }

  close(): void {
    this.#connection.close();
  }
}
