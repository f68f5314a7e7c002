/** A connection that takes part. */
export interface Party {
  /** A message that came in. */
  receive(data: Message): void;
  /** Receiving has thrown. */
  failed(error: unknown): void;
  /** Writes what it has sent. */
  flush(): void;
}

/** A message as `ws` gives it. */
export type Message = Buffer | ArrayBuffer | Buffer[];

interface Received {
  readonly party: Party;
  readonly data: Message;
}

/** So many messages, and what they bring about, fit into the processor's caches; then others have a turn. */
const maxPerTurn = 64;

/** More is not left waiting: it is given out as it comes in, so that nobody is read from faster than is worked off. */
const maxWaiting = 1_024;
const maxWaitingBytes = 1024 * 1024;

/** When so many connections have something to write that no message has brought about, it is not left for later: as many as sleeps that end in one turn, see Alarms. */
const maxUnsent = 8;

/**
 * What the connections of a server receive and send in one turn of the event loop is worked off
 * together: the messages, then what they have brought about, then all writes. The same work many
 * times in a row finds itself in the processor's caches: socket by socket an event costs up to
 * a tenth more. A connection's messages stay in their order.
 */
export class Exchange {
  #received: Received[] = [];
  #receivedBytes = 0;
  #sending: Party[] = [];
  #isScheduled = false;
  #isGivingOut = false;

  receive(party: Party, data: Message): void {
    this.#received.push({ party, data });
    this.#receivedBytes += bytesOf(data);
    if (this.#received.length > maxWaiting || this.#receivedBytes > maxWaitingBytes) this.deliver();
    else this.#schedule();
  }

  /** It has something to write, and is flushed at the end of the turn, or before. */
  send(party: Party): void {
    this.#sending.push(party);
    // After a pause many timers are due in one turn: the first must not wait for the last.
    if (this.#sending.length >= maxUnsent && !this.#isGivingOut) this.#flushAll();
    else this.#schedule();
  }

  /** Gives out all that has come in. */
  deliver(): void {
    this.#giveOut(this.#received.length);
  }

  #giveOut(count: number): void {
    this.#isGivingOut = true;
    const received = this.#received.splice(0, count);
    for (const { party, data } of received) {
      this.#receivedBytes -= bytesOf(data);
      try {
        party.receive(data);
        // Nothing else is worked off with it: its client wakes up while the rest of it is done.
        if (received.length === 1) party.flush();
      } catch (error) {
        party.failed(error);
      }
    }
    this.#isGivingOut = false;
  }

  /** Two steps: promises are settled in between. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#giveOut(maxPerTurn));
    setImmediate(() => this.#endTurn());
  }

  #flushAll(): void {
    const sending = this.#sending;
    this.#sending = [];
    for (const party of sending) party.flush();
  }

  #endTurn(): void {
    this.#isScheduled = false;
    this.#flushAll();
    if (this.#received.length > 0) this.#schedule();
  }
}

function bytesOf(data: Message): number {
  if (!Array.isArray(data)) return data.byteLength;
  return data.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
