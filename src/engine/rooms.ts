import { assertTokenKey, type TokenKey } from '../tokens/token-key.ts';
import { Dependents } from './dependents.ts';
import type { EngineOptions } from './engine-options.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { Presence, type PresenceHost } from './presence.ts';
import { type RoomHost, TokenRoom } from './token-room.ts';

interface LoadedRoom {
  readonly room: TokenRoom;
  readonly presence: Presence;
}

/** The tokens that this node holds state for. */
export class Rooms {
  readonly #roomHost: RoomHost;
  readonly #presenceHost: PresenceHost;
  readonly #loaded = new Map<TokenKey, LoadedRoom>();
  readonly #loading = new Map<TokenKey, Promise<LoadedRoom>>();

  constructor(options: EngineOptions, reporter: ErrorReporter, run: PresenceHost['run']) {
    const { clock, definitions } = options;
    this.#roomHost = { options, reporter, dependents: new Dependents(definitions) };
    this.#presenceHost = {
      clock,
      definitions: [...definitions.values()].filter(({ lifecycle }) =>
        Boolean(lifecycle.onLoad ?? lifecycle.onConnect ?? lifecycle.onDisconnect),
      ),
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
    assertTokenKey(key);
    const known = this.#loaded.get(key) ?? this.#loading.get(key);
    if (known) return known;
    const loading = this.#load(key);
    this.#loading.set(key, loading);
    return loading;
  }

  async #load(key: TokenKey): Promise<LoadedRoom> {
    try {
      const room = new TokenRoom(key, this.#roomHost);
      await room.refresh();
      const loaded = { room, presence: new Presence(this.#presenceHost, room) };
      this.#loaded.set(key, loaded);
      return loaded;
    } finally {
      this.#loading.delete(key);
    }
  }
}
