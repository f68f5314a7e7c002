import { eventLabel } from '../../state/event-label.ts';
import { hashToken, type TokenKey } from '../../tokens/token-key.ts';
import { detached } from '../../values/detached.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { ErrorReporter } from '../error-reporter.ts';
import type { Abortable } from '../fence.ts';
import { detach } from '../lock-context.ts';
import { Rooms } from '../rooms.ts';
import { untilPossible } from '../store-retry.ts';
import type { TokenRoom } from '../token-room.ts';
import { type PlaceRequest, placesState } from './place-list.ts';
import { PlaceQueue, type QueueHost } from './place-queue.ts';

/** A task's place among those of its kind. */
export interface Place {
  /** Whether the task may run now. */
  readonly isItsTurn: boolean;
  /** Resolves when the task may run; rejects with the signal's reason. */
  whenItsTurn(signal: Abortable): Promise<void>;
  /** The next may run. Does not reject. */
  leave(): Promise<void>;
  /** It stays the task's, which goes on elsewhere. */
  handOver(): void;
}

/** What takes a place for a task. */
export interface PlaceTicket {
  /** Rejects with a {@link ConcurrencyLimitError}, or with the signal's reason. Whoever has the place already keeps it. */
  take(signal: Abortable): Promise<Place>;
  /** Gives it up unseen, if the task has one. Does not reject. */
  giveUp(): Promise<void>;
}

/** What places need of the engine. */
export interface PlacesHost extends QueueHost {
  readonly reporter: ErrorReporter;
}

/** Under which places are kept. */
function groupKey({ event, concurrency, args, context, holder }: PlaceRequest): TokenKey {
  const { scope, key } = concurrency;
  // A copy: what it does to them is nothing to the handler.
  const own = key ? key(detached(args) as never, context) : '';
  if (typeof own !== 'string') {
    throw new TypeError(
      `Expected concurrency.key of ${eventLabel(event)} to return a string, got ${typeof own}.`,
    );
  }
  const group = [event.state.name, event.name, scope === 'token' ? holder.key : '', own];
  return hashToken(`places ${JSON.stringify(group)}`);
}

/** Keeps tasks of events with a limit to it, over all nodes of a store. */
export class TaskPlaces {
  readonly #queueHost: QueueHost;
  readonly #queues = new WeakMap<TokenRoom, PlaceQueue>();
  /** Of the lists. */
  readonly rooms: Rooms;

  constructor(host: PlacesHost) {
    const definitions: EngineOptions['definitions'] = new Map([[placesState.name, placesState]]);
    const options = { ...host.options, definitions };
    this.#queueHost = { options, cancel: (holder) => host.cancel(holder) };
    this.rooms = new Rooms({
      ...{ options, reporter: host.reporter },
      ...{ run: () => {}, cancelAll: () => {}, onCancel: () => {}, onLoad: async () => {} },
    });
  }

  /**
   * Makes ready to take a place.
   *
   * @throws what `concurrency.key` throws.
   */
  request(request: PlaceRequest): PlaceTicket {
    const key = groupKey(request);
    return {
      take: (signal) => detach(() => this.#take(key, request, signal)),
      giveUp: () => detach(() => this.#giveUp(key, request)),
    };
  }

  async #take(key: TokenKey, request: PlaceRequest, signal: Abortable): Promise<Place> {
    const { queue, release } = await this.#queue(key, signal);
    try {
      await queue.enter(request, signal);
    } catch (error) {
      release();
      throw error;
    }
    return {
      get isItsTurn() {
        return queue.isTurnOf(request);
      },
      whenItsTurn: (aborted) => queue.whenItsTurn(request, aborted),
      leave: async () => {
        await queue.leave(request);
        release();
      },
      handOver: release,
    };
  }

  async #giveUp(key: TokenKey, request: PlaceRequest): Promise<void> {
    try {
      const { queue, release } = await this.#queue(key);
      await queue.leave(request);
      release();
    } catch (error) {
      // Whoever waits finds that the task is not on record any more.
      this.#queueHost.options.logger.debug({ err: error }, 'a task could not leave its place');
    }
  }

  /** The queue of a list, kept until it is released. */
  async #queue(
    key: TokenKey,
    signal?: Abortable,
  ): Promise<{ readonly queue: PlaceQueue; readonly release: () => void }> {
    const room = await this.#room(key, signal);
    const queue = this.#queues.get(room) ?? new PlaceQueue(this.#queueHost, room);
    this.#queues.set(room, queue);
    return { queue, release: room.retain() };
  }

  #room(key: TokenKey, signal?: Abortable): Promise<TokenRoom> {
    const { clock } = this.#queueHost.options;
    return untilPossible(
      async () => {
        signal?.throwIfAborted();
        return (await this.rooms.of(key)).room;
      },
      { clock },
    );
  }
}
