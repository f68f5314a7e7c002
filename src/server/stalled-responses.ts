import type { ServerResponse } from 'node:http';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { DeliveryWatch, livenessIntervalMs } from './delivery-watch.ts';

/**
 * Destroys responses whose clients, from one interval to the next, have taken no byte of
 * what waited for them. One timer looks at all: most are gone before it comes to them.
 */
export class StalledResponses {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** What is open, with its watch from the first look on. */
  readonly #open = new Map<ServerResponse, DeliveryWatch | null>();
  #stop: (() => void) | null = null;

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Until it is closed. */
  watch(response: ServerResponse): void {
    if (response.destroyed) return;
    this.#open.set(response, null);
    response.once('close', () => this.#open.delete(response));
    this.#stop ??= this.#clock.every(livenessIntervalMs, () => this.#look());
  }

  #look(): void {
    if (this.#open.size === 0) {
      this.#stop?.();
      this.#stop = null;
    }
    for (const [response, delivery] of this.#open) {
      if (!delivery) this.#open.set(response, new DeliveryWatch(response.req.socket));
      else if (delivery.look() === 'stalled') this.#cut(response);
    }
  }

  #cut(response: ServerResponse): void {
    const { writableLength: waitingBytes } = response.req.socket;
    this.#logger.info({ waitingBytes }, 'a client takes nothing: its answer is cut');
    response.destroy();
  }
}
