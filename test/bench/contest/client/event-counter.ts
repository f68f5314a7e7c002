const newline = 0x0a;
const data = 'd'.charCodeAt(0);

/** Counts the server-sent events that have data, wherever the parts of a stream end. */
export class EventCounter {
  /** Of the line at hand, as far as it has come. */
  #lineLength = 0;
  #lineStart = 0;
  /** Whether the event at hand has a line of data. */
  #hasData = false;

  /** How many end in this part. */
  count(part: Buffer): number {
    let events = 0;
    let at = 0;
    for (;;) {
      const found = part.indexOf(newline, at);
      const end = found < 0 ? part.length : found;
      if (this.#lineLength === 0 && end > at) this.#lineStart = part[at] ?? 0;
      this.#lineLength += end - at;
      if (found < 0) return events;
      if (this.#lineLength > 0) this.#hasData ||= this.#lineStart === data;
      else {
        if (this.#hasData) events += 1;
        this.#hasData = false;
      }
      this.#lineLength = 0;
      at = found + 1;
    }
  }
}
