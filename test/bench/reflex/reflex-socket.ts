import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

const root = 'reflex___state____state';
const cell = `${root}.app____cell`;

/** What Reflex's own frontend tells with each event. */
const location = { pathname: '/', asPath: '/' };

// Packets of Engine.IO 4, and of Socket.IO 5 in them, which Reflex's frontend leaves to a
// library: https://socket.io/docs/v4/engine-io-protocol/
const [opened, ping, pong] = ['0', '2', '3'];
const namespace = '/_event,';
const connect = `40${namespace}`;
const event = `42${namespace}`;
const hydrate = `${connect}${JSON.stringify({
  event: { name: `${root}.hydrate_and_load`, payload: {}, router_data: location },
})}`;
const bump = `${event}${JSON.stringify([
  'event',
  { name: `${cell}.bump`, router_data: location },
])}`;

type Delta = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A tab of a browser with the app in it: one token, one connection, one event at a time. */
export class ReflexSocket {
  readonly #socket: WebSocket;
  #take: (delta: Delta) => void = () => {};
  #reject: (error: Error) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('error', (error) => this.#reject(error));
    socket.on('close', (code) => this.#reject(new Error(`Reflex closed a socket with ${code}.`)));
  }

  /** Resolves when the page has its state. */
  static async open(port: number): Promise<ReflexSocket> {
    const query = new URLSearchParams({ token: randomUUID(), EIO: '4', transport: 'websocket' });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/_event/?${query}`, {
      perMessageDeflate: false,
    });
    const tab = new ReflexSocket(socket);
    await tab.#update((delta) => delta[root]?.['is_hydrated_rx_state_'] === true);
    return tab;
  }

  /** Sends the event, and waits for the update that answers it. Returns its `n`. */
  async bump(): Promise<unknown> {
    const update = this.#update(() => true);
    this.#socket.send(bump);
    return (await update)[cell]?.['n_rx_state_'];
  }

  close(): void {
    this.#socket.terminate();
  }

  /** The first one from now on for which the condition holds. */
  #update(condition: (delta: Delta) => boolean): Promise<Delta> {
    return new Promise((resolve, reject) => {
      this.#take = (delta) => condition(delta) && resolve(delta);
      this.#reject = reject;
    });
  }

  #receive(packet: string): void {
    if (packet.startsWith(event)) {
      const [, update] = JSON.parse(packet.slice(event.length)) as [string, { delta?: Delta }];
      this.#take(update.delta ?? {});
    } else if (packet.startsWith(opened)) this.#socket.send(hydrate);
    else if (packet === ping) this.#socket.send(pong);
    else if (!packet.startsWith(connect)) this.#reject(new Error(`Reflex sent ${packet}`));
  }
}
