import { randomBytes } from 'node:crypto';
import { Cluster } from 'ioredis';
import { ownChannel } from './keys.ts';
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
  ring(): void;
}

interface Channel {
  readonly listener: Listener;
  /** Resolves when what is published reaches us. */
  subscribed: Promise<unknown>;
  /** Whether it does, or was asked for and is not answered yet. */
  isWell: boolean;
  cancelGrace: (() => void) | null;
}

/**
 * The one connection of a node that is told what happens. A message can be lost:
 * whoever listens reads what is there after each gap.
 */
export class Doorbell {
  /** With each channel one is subscribed to that ends so, see {@link ownChannel}. */
  readonly id = randomBytes(6).toString('base64url');
  readonly #client: RedisClient;
  readonly #channels = new Map<string, Channel>();

  constructor(options: ConnectionOptions) {
    this.#client = clientLike(options, { autoResubscribe: false });
    this.#client.on('error', () => {});
    this.#client.on('smessage', (channel: string, message: string) => {
      this.#channels.get(channel)?.listener.onMessage(message);
    });
    this.#client.on('close', () => {
      for (const channel of this.#channels.values()) channel.isWell = false;
    });
    this.#client.on('ready', () => void this.#listenAgain([...this.#channels]));
    // Of a cluster: the connection to one of its shards was lost, and made again.
    this.#client.on('subscribersReady', () => void this.#listenAgain([...this.#channels]));
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
      isWell: false,
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
      if (this.available) this.#client.sunsubscribe(name, this.#own(name)).catch(() => {});
      onEnd();
    }, graceMs).unref();
    channel.cancelGrace = () => clearTimeout(timer);
  }

  /** Called now and then: a connection that nothing is sent on would not be missed, nor a channel that was refused. */
  check(): void {
    if (!this.available) return;
    this.#client.ping().catch(() => {});
    const deaf = [...this.#channels].filter(([, { isWell }]) => !isWell);
    if (deaf.length > 0) void this.#listenAgain(deaf);
    if (this.#client instanceof Cluster) this.#renewOne();
  }

  /** Another Redis may be the one to listen to now. */
  reconnect(): void {
    if (this.available && !(this.#client instanceof Cluster)) this.#client.disconnect(true);
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

  /**
   * Of a cluster nothing tells that the connection to one of its shards is dead, or that
   * a channel has moved. So its channels are listened to anew, one after the other: on a
   * dead connection that fails, and then all are.
   */
  #renewOne(): void {
    const oldest = this.#channels.entries().next().value;
    if (!oldest) return;
    const [name, channel] = oldest;
    // To the end of the line.
    this.#channels.delete(name);
    this.#channels.set(name, channel);
    this.#client.sunsubscribe(name, this.#own(name)).catch(() => {});
    void this.#listenAgain([oldest]);
  }

  #own(name: string): string {
    return ownChannel(name, this.id);
  }

  #subscribe(channels: readonly (readonly [string, Channel])[]): void {
    // Not yet, or not now: it is made up for as soon as it is ready.
    if (!this.available) return;
    // Those of a cluster are of different slots.
    const lots =
      this.#client instanceof Cluster ? channels.map((channel) => [channel]) : [channels];
    for (const lot of lots) {
      const names = lot.flatMap(([name]) => [name, this.#own(name)]);
      const subscribed = this.#client.ssubscribe(...names).catch(() => {
        for (const [, channel] of lot) channel.isWell = false;
      });
      for (const [, channel] of lot) Object.assign(channel, { subscribed, isWell: true });
    }
  }

  async #listenAgain(channels: readonly (readonly [string, Channel])[]): Promise<void> {
    for (let start = 0; start < channels.length; start += channelsPerCommand) {
      const some = channels.slice(start, start + channelsPerCommand);
      this.#subscribe(some);
      await Promise.all(some.map(([, { subscribed }]) => subscribed));
      for (const [name, channel] of some) {
        if (this.#channels.get(name) === channel) channel.listener.ring();
      }
    }
  }
}
