import { ShuttingDownError } from '../errors/index.ts';
import { assertTokenKey, type TokenKey } from '../tokens/token-key.ts';
import { Dependents } from './dependents.ts';
import type { EngineOptions } from './engine-options.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { fitStates } from './fit-states.ts';
import { Presence, type PresenceHost } from './presence.ts';
import { type RoomHost, TokenRoom } from './token-room.ts';

interface LoadedRoom {
  readonly room: TokenRoom;
  readonly presence: Presence;
}

/** What rooms need of the engine. */
export interface RoomsHost {
  readonly options: EngineOptions;
  readonly reporter: ErrorReporter;
  readonly run: PresenceHost['run'];
  /** Called with each room before anybody else has it. */
  onLoad(room: TokenRoom): Promise<void>;
}

/** How often, in ms, tokens in use are kept and others looked through, unless their time is short. */
const maxSweepMs = 60_000;

function sweepMs(idleTtlMs: number): number {
  return Math.min(Math.max(idleTtlMs / 4, 1), maxSweepMs);
}

/** The tokens that this node holds state for. */
export class Rooms {
  readonly #host: RoomsHost;
  readonly #roomHost: RoomHost;
  readonly #presenceHost: PresenceHost;
  readonly #loaded = new Map<TokenKey, LoadedRoom>();
  readonly #loading = new Map<TokenKey, Promise<LoadedRoom>>();
  /** Those whose last loading has failed. */
  readonly #unloadable = new Set<TokenKey>();
  /** Ends the regular sweep. */
  readonly stop: () => void;

  constructor(host: RoomsHost) {
    const { options, reporter, run } = host;
    const { clock, definitions, limits } = options;
    this.#host = host;
    this.#roomHost = {
      options,
      reporter,
      dependents: new Dependents(definitions),
      keep: (key) => options.store.keep([key], limits.idleTtlMs),
    };
    this.#presenceHost = {
      clock,
      store: options.store,
      logger: options.logger,
      definitions: [...definitions.values()].filter(({ lifecycle }) =>
        Boolean(lifecycle.onLoad ?? lifecycle.onConnect ?? lifecycle.onDisconnect),
      ),
      run,
    };
    // What is kept from before follows this app's time.
    options.store.keep([], limits.idleTtlMs);
    this.stop = clock.every(sweepMs(limits.idleTtlMs), () => this.#sweep());
  }

  *[Symbol.iterator](): Generator<LoadedRoom> {
    yield* this.#loaded.values();
  }

  get keys(): Iterable<TokenKey> {
    return this.#loaded.keys();
  }

  /**
   * The room of a token. At once if it is loaded, so that whoever asks for its
   * lock first is first in its queue.
   *
   * @throws TypeError if the value is no key.
   */
  of(key: TokenKey): LoadedRoom | Promise<LoadedRoom> {
    assertTokenKey(key);
    const known = this.#loaded.get(key);
    if (known && !known.room.isOver) {
      known.room.touch();
      return known;
    }
    if (known) this.#drop(known.room);
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#load(key).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  async #load(key: TokenKey): Promise<LoadedRoom> {
    let room: TokenRoom | null = null;
    try {
      room = new TokenRoom(key, this.#roomHost);
      await room.refresh();
      room.touch();
      await fitStates(room, this.#host.options);
      await this.#host.onLoad(room);
      this.#unloadable.delete(key);
      const loaded = { room, presence: new Presence(this.#presenceHost, room) };
      this.#loaded.set(key, loaded);
      return loaded;
    } catch (error) {
      room?.close();
      // It is in use, whatever state it is in.
      this.#host.options.store.keep([key], this.#host.options.limits.idleTtlMs);
      this.#tell(key, error);
      throw error;
    }
  }

  /** Once for each token: its client is told what happened, not why, nor to which token. */
  #tell(key: TokenKey, error: unknown): void {
    if (this.#unloadable.has(key) || error instanceof ShuttingDownError) return;
    this.#unloadable.add(key);
    this.#host.options.logger.error({ err: error, key }, 'a token could not be loaded');
  }

  #drop(room: TokenRoom): void {
    room.close();
    this.#loaded.delete(room.key);
  }

  /** Keeps what is in use, and lets go of what was idle for its time. */
  #sweep(): void {
    const used: TokenRoom[] = [];
    for (const { room } of this.#loaded.values()) {
      if (room.isOver) this.#drop(room);
      else if (!room.isIdle) used.push(room);
    }
    const { store, limits, logger } = this.#host.options;
    store.keep(
      used.map(({ key }) => key),
      limits.idleTtlMs,
    );
    store.sweep().catch((error: unknown) => {
      logger.error({ err: error }, 'not every token whose time is over could be deleted');
    });
  }
}
