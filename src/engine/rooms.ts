import { ShuttingDownError } from '../errors/index.ts';
import { assertTokenKey, type TokenKey } from '../tokens/token-key.ts';
import { Dependents } from './dependents.ts';
import type { EngineOptions } from './engine-options.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { fitStates } from './fit-states.ts';
import { Presence, type PresenceHost } from './presence.ts';
import { type HookHost, presenceHooks } from './presence-hook.ts';
import { type RoomHost, TokenRoom } from './token-room.ts';

interface LoadedRoom {
  readonly room: TokenRoom;
  readonly presence: Presence;
}

/** What rooms need of the engine. */
export interface RoomsHost extends HookHost {
  readonly options: EngineOptions;
  readonly reporter: ErrorReporter;
  readonly onCancel: RoomHost['onCancel'];
  /** Called with each room before anybody else has it. */
  onLoad(room: TokenRoom): Promise<void>;
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

  constructor(host: RoomsHost) {
    const { options, reporter, run, onCancel } = host;
    const { clock, definitions, limits } = options;
    this.#host = host;
    this.#roomHost = {
      options,
      reporter,
      dependents: new Dependents(definitions),
      keep: (key) => options.store.keep([key], limits.idleTtlMs),
      onCancel,
    };
    this.#presenceHost = {
      clock,
      store: options.store,
      logger: options.logger,
      loading: [...definitions.values()].filter(({ lifecycle }) => lifecycle.onLoad),
      hooks: presenceHooks(definitions.values(), host),
      run,
    };
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
    const known = this.#loaded.get(key);
    if (known && !known.room.isOver) {
      known.room.touch();
      return known;
    }
    assertTokenKey(key);
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
  keepUsed(): void {
    const used: TokenKey[] = [];
    for (const { room } of this.#loaded.values()) {
      if (room.isOver) this.#drop(room);
      else if (!room.isIdle) used.push(room.key);
    }
    const { store, limits } = this.#host.options;
    store.keep(used, limits.idleTtlMs);
  }
}
