import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';
import { type ConnectionOptions, clientLike } from './redis-connection.ts';

/** How long a channel stays subscribed when nobody listens any more, in ms: somebody may come back. */
const graceMs = 5_000;

/** How many channels are subscribed to again at once. */
const channelsPerCommand = 500;

/** Who listens to a channel. */
interface Listener {
  onMessage(message: string): void;
  /** Messages may have been missed. */
  onGap(): void;
}

interface Channel {
  readonly listener: Listener;
  /** Resolves when what is published reaches us. */
  subscribed: Promise<unknown>;
  isSubscribed: boolean;
  cancelGrace: (() => void) | null;
}

/**
 * The one connection of a node that is told what happens. A message can be lost:
 * whoever listens reads what is there after each gap.
 */
export class Doorbell {
  readonly #client: RedisClient;
  readonly #channels = new Map<string, Channel>();

  constructor(options: ConnectionOptions) {
    this.#client = clientLike(options, { autoResubscribe: false });
    this.#client.on('error', () => {});
    this.#client.on('smessage', (channel: string, message: string) => {
      this.#channels.get(channel)?.listener.onMessage(message);
    });
    this.#client.on('close', () => {
      for (const channel of this.#channels.values()) channel.isSubscribed = false;
    });
    this.#client.on('ready', () => void this.#listenAgain());
    // Of a cluster: the connection to one of its shards was lost, and made again.
    this.#client.on('subscribersReady', () => void this.#listenAgain());
  }

  get available(): boolean {
    return this.#client.status === 'ready';
  }

  connect(): void {
    this.#client.connect().catch(() => {});
  }

  listen(name: string, listener: Listener): void {
    const known = this.#channels.get(name);
    if (known) {
      known.cancelGrace?.();
      known.cancelGrace = null;
      return;
    }
    const channel = {
      listener,
      subscribed: Promise.resolve(),
      isSubscribed: false,
      cancelGrace: null,
    };
    this.#channels.set(name, channel);
    this.#subscribe([[name, channel]]);
  }

  /** Ends a {@link listen}, after some time. */
  unlisten(name: string, onEnd: () => void): void {
    const channel = this.#channels.get(name);
    if (!channel || channel.cancelGrace) return;
    const timer = setTimeout(() => {
      this.#channels.delete(name);
      if (this.available) this.#client.sunsubscribe(name).catch(() => {});
      onEnd();
    }, graceMs).unref();
    channel.cancelGrace = () => clearTimeout(timer);
  }

  /** Whether Redis counts this node as a listener. Of a cluster that is not known: a shard can be lost unseen. */
  isHeard(name: string): boolean {
    if (this.#client instanceof Cluster || !this.available) return false;
    return this.#channels.get(name)?.isSubscribed === true;
  }

  /** Called now and then: a connection that nothing is sent on would not be missed. */
  check(): void {
    if (this.available) this.#client.ping().catch(() => {});
  }

  /** Resolves when what is published from now on is heard, or nothing can be heard now. */
  async heard(name: string): Promise<void> {
    if (this.available) await this.#channels.get(name)?.subscribed;
  }

  close(): void {
    for (const { cancelGrace } of this.#channels.values()) cancelGrace?.();
    this.#channels.clear();
    this.#client.disconnect();
  }

  #subscribe(channels: readonly (readonly [string, Channel])[]): void {
    // Not yet, or not now: it is made up for as soon as it is ready.
    if (!this.available) return;
    // Those of a cluster are of different slots.
    const lots =
      this.#client instanceof Cluster ? channels.map((channel) => [channel]) : [channels];
    for (const lot of lots) {
      const subscribed = this.#client.ssubscribe(...lot.map(([name]) => name)).then(
        () => {
          for (const [, channel] of lot) channel.isSubscribed = true;
        },
        () => {},
      );
      for (const [, channel] of lot) channel.subscribed = subscribed;
    }
  }

  async #listenAgain(): Promise<void> {
    const channels = [...this.#channels];
    for (let start = 0; start < channels.length; start += channelsPerCommand) {
      const some = channels.slice(start, start + channelsPerCommand);
      this.#subscribe(some);
      await Promise.all(some.map(([, { subscribed }]) => subscribed));
      for (const [name, channel] of some) {
        if (this.#channels.get(name) === channel) channel.listener.onGap();
      }
    }
  }
}
