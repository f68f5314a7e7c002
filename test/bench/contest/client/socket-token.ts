import type { Operations } from '../operations.ts';
import { encodeFrame } from './encode-frame.ts';
import type { EventSource } from './event-source.ts';
import { FrameSocket } from './frame-socket.ts';
import { subscribeMessage } from './subscribe-message.ts';

/** What an event brings about: the state for the subscription, the mutation's answer, and its end. */
const textsPerEvent = 3;

interface Message {
  readonly id: string;
  readonly type: string;
  readonly payload: unknown;
}

/** A token with one connection, and on it one subscription and its events, over graphql-ws. */
export class SocketToken implements EventSource {
  readonly #socket: FrameSocket;
  readonly #operations: Operations;
  /** The same event under two ids: the last one's may not be free yet. */
  readonly #events: readonly [Buffer, Buffer];
  #turn: 0 | 1 = 0;
  #left = 0;
  #done: () => void = () => {};

  private constructor(socket: FrameSocket, token: string, operations: Operations) {
    this.#socket = socket;
    this.#operations = operations;
    const event = (id: string) =>
      encodeFrame(subscribeMessage(id, { query: operations.event, variables: { token } }));
    this.#events = [event('a'), event('b')];
  }

  /** Connects and subscribes; the subscription may take a moment to be there. */
  static async open(port: number, token: string, operations: Operations): Promise<SocketToken> {
    const socket = await FrameSocket.open(port);
    const { subscription, extensions } = operations;
    const payload = { query: subscription, variables: { token }, extensions };
    socket.send(encodeFrame(subscribeMessage('s', payload)));
    return new SocketToken(socket, token, operations);
  }

  get bytes(): number {
    return this.#socket.bytes;
  }

  fire(done: () => void): void {
    this.#left = textsPerEvent;
    this.#done = done;
    this.#turn = this.#turn === 0 ? 1 : 0;
    this.#socket.send(this.#events[this.#turn]);
  }

  /**
   * Begins to count; before, sends an event and reads what it brings about.
   *
   * @throws Error if that is not what an event is to bring about.
   */
  async check(): Promise<void> {
    const messages: Message[] = [];
    this.#socket.onText = (payload) => messages.push(JSON.parse(String(payload)) as Message);
    this.#socket.onTexts = (count) => {
      this.#left -= count;
      if (this.#left === 0) this.#done();
      else if (this.#left < 0) throw new Error('More has come than the event brings about.');
    };
    await new Promise<void>((resolve) => this.fire(resolve));
    this.#socket.onText = null;
    const kinds = messages.map(({ id, type }) => `${id === 's' ? 'diff' : 'answer'}:${type}`);
    const diff = messages.find(({ id }) => id === 's')?.payload;
    const answer = messages.find(({ id }) => id !== 's')?.payload;
    if (
      kinds.sort().join() !== 'answer:complete,answer:next,diff:next' ||
      !this.#operations.isRight(diff, answer)
    ) {
      throw new Error(`Expected what an event brings about, got ${JSON.stringify(messages)}.`);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
