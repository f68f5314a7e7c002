import type { Logger } from '../logging/logger.ts';
import type { EventDefinition, StateDefinition } from '../state/definitions.ts';
import type { StateStore } from '../store/state-store.ts';
import type { Clock } from '../time/clock.ts';
import type { Origin } from './origin.ts';
import { storeRetry } from './store-retry.ts';
import type { TokenRoom } from './token-room.ts';

/** What presence needs of the engine. */
export interface PresenceHost {
  readonly clock: Clock;
  readonly store: StateStore;
  readonly logger: Logger;
  /** The states that have lifecycle events. */
  readonly definitions: readonly StateDefinition[];
  /** Runs an event; nobody is told of its failure but `onError`. */
  run(event: EventDefinition, room: TokenRoom, origin: Origin | null): void;
}

/**
 * Who watches a token, as the lifecycle events of its states see it: they run
 * when its first subscriber comes, on whatever node, and some time after its last
 * one has gone.
 */
export class Presence {
  readonly #host: PresenceHost;
  readonly #room: TokenRoom;
  /** States whose `onConnect` has run, with how to stop the wait for their `onDisconnect`. */
  readonly #connected = new Map<StateDefinition, (() => void) | null>();
  #stopped = false;
  /** For each subscriber, what lets the token expire again. */
  readonly #subscribers: (() => void)[] = [];

  constructor(host: PresenceHost, room: TokenRoom) {
    this.#host = host;
    this.#room = room;
  }

  get subscribers(): number {
    return this.#subscribers.length;
  }

  join(origin: Origin): void {
    this.#subscribers.push(this.#room.retain());
    const { definitions } = this.#host;
    for (const definition of definitions) this.#load(definition, origin);
    for (const definition of definitions) this.#connect(definition, origin);
  }

  leave(): void {
    const release = this.#subscribers.pop();
    if (this.#subscribers.length === 0) {
      for (const definition of this.#connected.keys()) this.#disconnect(definition);
    }
    release?.();
  }

  /** Subscribers that a process has had which is gone: they are gone too, as of now. */
  inherit(states: readonly string[]): void {
    for (const name of states) {
      const definition = this.#host.definitions.find((each) => each.name === name);
      if (!definition) void this.#leave(name);
      else if (!this.#connected.has(definition)) this.#disconnect(definition);
    }
  }

  /** From here on nothing runs by itself. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#connected.values()) cancel?.();
    this.#connected.clear();
  }

  #load({ lifecycle: { onLoad }, name }: StateDefinition, origin: Origin): void {
    if (!onLoad || this.#room.snapshot.states[name]?.loaded) return;
    this.#host.run(onLoad, this.#room, origin);
  }

  #connect(definition: StateDefinition, origin: Origin): void {
    const { onConnect, onDisconnect } = definition.lifecycle;
    if (!onConnect && !onDisconnect) return;
    const known = this.#connected.get(definition);
    known?.();
    this.#connected.set(definition, null);
    if (known === undefined) void this.#enter(definition, origin);
  }

  async #enter({ name, lifecycle: { onConnect } }: StateDefinition, origin: Origin): Promise<void> {
    const { store, logger, run } = this.#host;
    try {
      const isFirst = await store.enter(this.#room.key, name);
      if (isFirst && onConnect) run(onConnect, this.#room, origin);
    } catch (error) {
      logger.error(
        { err: error, state: name },
        'whether this is the first subscriber is not known',
      );
    }
  }

  /** Whether nobody else is there. Asks again until it is known, unless somebody has come back. */
  async #leave(name: string): Promise<boolean> {
    const { store, logger, clock } = this.#host;
    const isBack = () => [...this.#connected.keys()].some((each) => each.name === name);
    for (let isFirst = true; !isBack() && !this.#stopped; isFirst = false) {
      try {
        return await store.leave(this.#room.key, name);
      } catch (error) {
        const message = 'whether this was the last subscriber is not known yet';
        if (isFirst) logger.error({ err: error, state: name }, message);
        await storeRetry(clock);
      }
    }
    return false;
  }

  #disconnect(definition: StateDefinition): void {
    const { onDisconnect, graceMs } = definition.lifecycle;
    const release = this.#room.retain();
    const cancel = this.#host.clock.after(graceMs, () => {
      this.#connected.delete(definition);
      void this.#leave(definition.name).then((isLast) => {
        if (isLast && onDisconnect) this.#host.run(onDisconnect, this.#room, null);
        release();
      });
    });
    this.#connected.set(definition, () => {
      cancel();
      release();
    });
  }
}
