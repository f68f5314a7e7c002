import type { Operations } from '../operations.ts';
import { encodeFrame } from './encode-frame.ts';
import type { EventSource } from './event-source.ts';
import type { FrameSocket } from './frame-socket.ts';
import { subscribeMessage } from './subscribe-message.ts';

/** What an event brings about for who sends it: the answer, and its end. */
const textsPerAnswer = 2;

/** One token with many subscriptions, each on a connection of its own, and events on another one. */
export class FanOut implements EventSource {
  readonly #subscribers: readonly FrameSocket[];
  readonly #operations: readonly Operations[];
  readonly #sender: FrameSocket;
  readonly #events: readonly [Buffer, Buffer];
  #turn: 0 | 1 = 0;
  #left = 0;
  #done: () => void = () => {};

  /** Subscribes on each of these connections to what the operations at its index select. */
  constructor(
    token: string,
    operations: readonly Operations[],
    sockets: { readonly sender: FrameSocket; readonly subscribers: readonly FrameSocket[] },
  ) {
    this.#operations = operations;
    this.#sender = sockets.sender;
    this.#subscribers = sockets.subscribers;
    const variables = { token };
    const query = operations[0]?.event;
    const event = (id: string) => encodeFrame(subscribeMessage(id, { query, variables }));
    this.#events = [event('a'), event('b')];
    for (const [index, socket] of this.#subscribers.entries()) {
      const payload = { query: operations[index]?.subscription, variables };
      socket.send(encodeFrame(subscribeMessage('s', payload)));
    }
  }

  get bytes(): number {
    return this.#subscribers.reduce((sum, { bytes }) => sum + bytes, this.#sender.bytes);
  }

  fire(done: () => void): void {
    this.#left = this.#subscribers.length + textsPerAnswer;
    this.#done = done;
    this.#turn = this.#turn === 0 ? 1 : 0;
    this.#sender.send(this.#events[this.#turn]);
  }

  /**
   * Begins to count; before, sends an event and reads what it brings about.
   *
   * @throws Error if that is not what an event is to bring about.
   */
  async check(): Promise<void> {
    const sockets = [this.#sender, ...this.#subscribers];
    const received = new Map<FrameSocket, { readonly payload: unknown }[]>();
    for (const socket of sockets) {
      const messages: { readonly payload: unknown }[] = [];
      received.set(socket, messages);
      socket.onTexts = (count) => this.#receive(count);
      socket.onText = (payload) => messages.push(JSON.parse(String(payload)));
    }
    await new Promise<void>((resolve) => this.fire(resolve));
    for (const socket of sockets) socket.onText = null;
    const answer = received.get(this.#sender)?.[0]?.payload;
    for (const [index, socket] of this.#subscribers.entries()) {
      const diffs = received.get(socket) ?? [];
      if (diffs.length !== 1 || !this.#operations[index]?.isRight(diffs[0]?.payload, answer)) {
        throw new Error(`Expected what an event brings about, got ${JSON.stringify(diffs)}.`);
      }
    }
  }

  close(): void {
    this.#sender.close();
    for (const socket of this.#subscribers) socket.close();
  }

  #receive(count: number): void {
    this.#left -= count;
    if (this.#left === 0) this.#done();
    else if (this.#left < 0) throw new Error('More has come than the event brings about.');
  }
}
