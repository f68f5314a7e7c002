import type { Logger } from '../logging/logger.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { StateStore } from '../store/state-store.ts';
import type { Clock } from '../time/clock.ts';
import type { Origin } from './origin.ts';
import type { HookHost, PresenceHook } from './presence-hook.ts';
import { storeRetry } from './store-retry.ts';
import type { TokenRoom } from './token-room.ts';

/** What presence needs of the engine. */
export interface PresenceHost {
  readonly clock: Clock;
  readonly store: StateStore;
  readonly logger: Logger;
  /** The states that have an `onLoad`. */
  readonly loading: readonly StateDefinition[];
  readonly hooks: readonly PresenceHook[];
  readonly run: HookHost['run'];
}

/** Who watches a token, and what happens when they come and go, see {@link PresenceHook}. */
export class Presence {
  readonly #host: PresenceHost;
  readonly #room: TokenRoom;
  /** Hooks whose first subscriber has come, with how to stop the wait after their last one. */
  #connected: Map<PresenceHook, (() => void) | null> | null = null;
  #stopped = false;
  #subscribers = 0;

  constructor(host: PresenceHost, room: TokenRoom) {
    this.#host = host;
    this.#room = room;
  }

  get subscribers(): number {
    return this.#subscribers;
  }

  join(origin: Origin): void {
    this.#subscribers += 1;
    this.#room.hold();
    const { loading, hooks } = this.#host;
    for (const definition of loading) this.#load(definition, origin);
    for (const hook of hooks) this.#connect(hook, origin);
  }

  leave(): void {
    this.#subscribers -= 1;
    if (this.#subscribers === 0) {
      for (const hook of this.#hooks()) this.#disconnect(hook);
    }
    this.#room.letGo();
  }

  /** Subscribers that a process has had which is gone: they are gone too, as of now. */
  inherit(names: readonly string[]): void {
    for (const name of names) {
      const hook = this.#host.hooks.find((each) => each.name === name);
      if (!hook) void this.#leave(name);
      else if (!this.#connected?.has(hook)) this.#disconnect(hook);
    }
  }

  /** From here on nothing runs by itself. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#connected?.values() ?? []) cancel?.();
    this.#connected = null;
  }

  #hooks(): Iterable<PresenceHook> {
    return this.#connected?.keys() ?? [];
  }

  #load({ lifecycle: { onLoad }, name }: StateDefinition, origin: Origin): void {
    if (!onLoad || this.#room.snapshot.states[name]?.loaded) return;
    this.#host.run(onLoad, this.#room, origin);
  }

  #connect(hook: PresenceHook, origin: Origin): void {
    this.#connected ??= new Map();
    const known = this.#connected.get(hook);
    known?.();
    this.#connected.set(hook, null);
    if (known === undefined) void this.#enter(hook, origin);
  }

  async #enter({ name, onFirst }: PresenceHook, origin: Origin): Promise<void> {
    const { store, logger } = this.#host;
    try {
      const isFirst = await store.enter(this.#room.key, name);
      if (isFirst) onFirst?.(this.#room, origin);
    } catch (error) {
      logger.error({ err: error, name }, 'whether this is the first subscriber is not known');
    }
  }

  /** Whether nobody else is there. Asks again until it is known, unless somebody has come back. */
  async #leave(name: string): Promise<boolean> {
    const { store, logger, clock } = this.#host;
    const isBack = () => [...this.#hooks()].some((each) => each.name === name);
    for (let isFirst = true; !isBack() && !this.#stopped; isFirst = false) {
      try {
        return await store.leave(this.#room.key, name);
      } catch (error) {
        const message = 'whether this was the last subscriber is not known yet';
        if (isFirst) logger.error({ err: error, name }, message);
        await storeRetry(clock);
      }
    }
    return false;
  }

  #disconnect(hook: PresenceHook): void {
    const release = this.#room.retain();
    const cancel = this.#host.clock.after(hook.graceMs, () => {
      this.#connected?.delete(hook);
      void this.#leave(hook.name).then((isLast) => {
        if (isLast) hook.onLast?.(this.#room);
        release();
      });
    });
    this.#connected ??= new Map();
    this.#connected.set(hook, () => {
      cancel();
      release();
    });
  }
}
