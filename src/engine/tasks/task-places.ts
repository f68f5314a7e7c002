import { ConcurrencyLimitError, ShuttingDownError } from '../../errors/index.ts';
import type { Concurrency, EventDefinition } from '../../state/definitions.ts';
import { eventLabel } from '../../state/event-label.ts';
import { hashToken, type TokenKey } from '../../tokens/token-key.ts';
import { detached } from '../../values/detached.ts';
import { acquireLock } from '../acquire-lock.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { ErrorReporter } from '../error-reporter.ts';
import { noFollowUps } from '../follow-ups.ts';
import { holdLocks } from '../hold-lock.ts';
import { detach } from '../lock-context.ts';
import { Rooms } from '../rooms.ts';
import { openState } from '../state-draft.ts';
import { isPassing, storeRetry } from '../store-retry.ts';
import type { TokenRoom } from '../token-room.ts';
import { type PlaceHolder, type PlaceList, type PlacesDraft, placesState } from './place-list.ts';

/** A task's place among those of its kind. */
export interface Place {
  /** Whether the task may run now. */
  readonly isItsTurn: boolean;
  /** Resolves when the task may run; rejects with the signal's reason. */
  whenItsTurn(signal: AbortSignal): Promise<void>;
  /** The next may run. Does not reject. */
  leave(): Promise<void>;
}

/** Which places a task asks for. */
export interface PlaceRequest {
  readonly event: EventDefinition;
  readonly concurrency: Concurrency;
  /** The arguments, and what `taskContext` made. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  readonly holder: PlaceHolder;
}

/** What places need of the engine. */
export interface PlacesHost {
  readonly options: EngineOptions;
  readonly reporter: ErrorReporter;
  cancel(holder: PlaceHolder): Promise<unknown>;
}

/** How often, in ms, whoever waits looks whether those before it are still there. */
const checkMs = 5_000;

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
  readonly #host: PlacesHost;
  readonly #options: EngineOptions;
  /** Those whose list was looked through a moment ago. */
  readonly #checked = new WeakSet<TokenRoom>();
  /** Of the lists. */
  readonly rooms: Rooms;

  constructor(host: PlacesHost) {
    this.#host = host;
    this.#options = { ...host.options, definitions: new Map([[placesState.name, placesState]]) };
    this.rooms = new Rooms({
      options: this.#options,
      reporter: host.reporter,
      run: () => {},
      cancelAll: () => {},
      onCancel: () => {},
      onLoad: async () => {},
    });
  }

  /**
   * Makes ready to take a place; the returned function takes it. Rejects with a
   * {@link ConcurrencyLimitError}, or with the signal's reason.
   *
   * @throws what `concurrency.key` throws.
   */
  request(request: PlaceRequest): (signal: AbortSignal) => Promise<Place> {
    const key = groupKey(request);
    return (signal) => detach(() => this.#take(key, request, signal));
  }

  async #take(key: TokenKey, request: PlaceRequest, signal: AbortSignal): Promise<Place> {
    const room = await this.#room(key, signal);
    const release = room.retain();
    try {
      await this.#enter(room, request, signal);
    } catch (error) {
      release();
      throw error;
    }
    const { concurrency, holder } = request;
    return {
      get isItsTurn() {
        const at = placeOf(room, holder);
        return at >= 0 && at < concurrency.limit;
      },
      whenItsTurn: (aborted) => this.#whenItsTurn(room, request, aborted),
      leave: async () => {
        await this.#leave(room, [request.holder]);
        release();
      },
    };
  }

  async #room(key: TokenKey, signal: AbortSignal): Promise<TokenRoom> {
    for (;;) {
      signal.throwIfAborted();
      try {
        const { room } = await this.rooms.of(key);
        return room;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await storeRetry(this.#options.clock);
      }
    }
  }

  /** Puts the task at the end of the list, and asks those to go that it takes the place of. */
  async #enter(room: TokenRoom, request: PlaceRequest, signal: AbortSignal): Promise<void> {
    const { concurrency, event, holder } = request;
    const { limit, onLimit } = concurrency;
    await this.#change(room, eventLabel(event), signal, async (draft) => {
      // Read from the snapshot, which is cheap, and is the newest under the lock.
      if (placeOf(room, holder) >= 0) return;
      if (onLimit === 'reject') {
        const holders = await this.#present(holdersOf(room), limit);
        if (holders.length >= limit) throw new ConcurrencyLimitError(eventLabel(event), limit);
        draft.holders = [...holders];
      }
      draft.holders.push(holder);
    });
    if (onLimit === 'replace') await this.#replace(room, request);
  }

  /** Cancels those before it for whom there is no room beside it. */
  async #replace(room: TokenRoom, { concurrency, holder }: PlaceRequest): Promise<void> {
    const at = placeOf(room, holder);
    const older = holdersOf(room).slice(0, Math.max(0, at + 1 - concurrency.limit));
    await Promise.allSettled(older.map((each) => this.#host.cancel(each)));
  }

  async #leave(room: TokenRoom, leaving: PlaceList): Promise<void> {
    const ids = new Set(leaving.map(({ id }) => id));
    try {
      await this.#change(room, 'the places of a task', null, (draft) => {
        draft.holders = draft.holders.filter(({ id }) => !ids.has(id));
      });
    } catch (error) {
      // Whoever waits finds that the task is not on record any more.
      if (error instanceof ShuttingDownError) return;
      this.#options.logger.error({ err: error }, 'a task could not leave its place');
    }
  }

  #whenItsTurn(room: TokenRoom, request: PlaceRequest, signal: AbortSignal): Promise<void> {
    const { concurrency, holder } = request;
    const { limit } = concurrency;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        unlisten();
        stop();
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const look = () => {
        const at = placeOf(room, holder);
        if (at >= 0 && at < limit) end(resolve);
        // It was taken for gone, or the list is another: at the end of it again.
        else if (at < 0) this.#enter(room, request, signal).catch(onFailure);
      };
      const check = () => void this.#check(room, request).catch(() => {});
      const onAbort = () => end(() => reject(signal.reason));
      const onFailure = (error: unknown) => end(() => reject(error));
      const unlisten = room.listen(look);
      const stop = this.#options.clock.every(checkMs, check);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      else look();
    });
  }

  /** Takes those off the list whose process went without a word. */
  async #check(room: TokenRoom, request: PlaceRequest): Promise<void> {
    const { limit, onLimit } = request.concurrency;
    if (onLimit === 'replace') await this.#replace(room, request);
    // One of those who wait looks for all of them.
    if (this.#checked.has(room)) return;
    this.#checked.add(room);
    this.#options.clock.after(checkMs / 2, () => this.#checked.delete(room));
    const holders = holdersOf(room);
    const present = new Set((await this.#present(holders, limit)).map(({ id }) => id));
    const gone = holders.filter(({ id }) => !present.has(id));
    if (gone.length > 0) await this.#leave(room, gone);
  }

  /** The list without those who are gone of whom nobody has told, as far as it matters for so many places. */
  async #present(holders: PlaceList, limit: number): Promise<PlaceList> {
    const gone = await this.#gone(holders.slice(0, limit));
    if (gone.size === 0) return holders;
    const others = holders.filter(({ id }) => !gone.has(id));
    return this.#present(others, limit);
  }

  /** The ids of those that have ended: every task is on record before it takes a place, until its end is stored. */
  async #gone(holders: PlaceList): Promise<ReadonlySet<string>> {
    const gone = new Set(holders.map(({ id }) => id));
    for (const key of new Set(holders.map((holder) => holder.key))) {
      for (const { record, ending } of await this.#options.store.listTasks(key)) {
        if (!ending) gone.delete(record.id);
      }
    }
    return gone;
  }

  /** Changes the list under its lock, again and again while the store cannot. */
  async #change(
    room: TokenRoom,
    label: string,
    signal: AbortSignal | null,
    change: (draft: PlacesDraft) => void | Promise<void>,
  ): Promise<void> {
    const request = {
      label: `a place of ${label}`,
      patient: true,
      plan: () => noFollowUps,
      ...(signal ? { signal } : {}),
    };
    for (;;) {
      try {
        const lock = await acquireLock(this.#options, room, request);
        await holdLocks([lock], async () =>
          change((await openState(lock, placesState)) as PlacesDraft),
        );
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await storeRetry(this.#options.clock);
      }
    }
  }
}

function holdersOf(room: TokenRoom): PlaceList {
  const { holders } = room.requireState(room.snapshot, placesState).values;
  return holders as PlaceList;
}

/** Where in the list it is, from 0; -1 if it is not. */
function placeOf(room: TokenRoom, { id }: PlaceHolder): number {
  const holders = holdersOf(room);
  let indexes = indexesOf.get(holders);
  if (!indexes) {
    indexes = new Map(holders.map((holder, index) => [holder.id, index]));
    indexesOf.set(holders, indexes);
  }
  return indexes.get(id) ?? -1;
}

/** Made once for each list: all who wait look at each. */
const indexesOf = new WeakMap<PlaceList, ReadonlyMap<string, number>>();
