import {
  ConcurrencyLimitError,
  ShuttingDownError,
  StoreCorruptedError,
  TaskEndedError,
} from '../../errors/index.ts';
import { eventLabel } from '../../state/event-label.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import { acquireLock } from '../acquire-lock.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { Abortable } from '../fence.ts';
import { noFollowUps } from '../follow-ups.ts';
import { holdLocks } from '../hold-lock.ts';
import { openState } from '../state-draft.ts';
import { isPassing, isPassingInTime, untilPossible } from '../store-retry.ts';
import { unknownHabit } from '../synchronous.ts';
import type { TokenRoom } from '../token-room.ts';
import {
  type PlaceHolder,
  type PlaceList,
  type PlaceRequest,
  type PlacesDraft,
  placesState,
} from './place-list.ts';

/** A task of this node that waits for its turn. */
interface Waiter {
  readonly request: PlaceRequest;
  readonly signal: Abortable;
  readonly onTurn: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** What a queue needs of the engine. */
export interface QueueHost {
  readonly options: EngineOptions;
  cancel(holder: PlaceHolder): Promise<unknown>;
}

/** How often, in ms, somebody who waits looks whether those before are still there. */
const checkMs = 5_000;

/** A list of places, as this node has it, and who of this node waits for one. */
export class PlaceQueue {
  readonly #host: QueueHost;
  readonly #room: TokenRoom;
  readonly #waiting = new Map<string, Waiter>();
  /** Those that were asked to go: once is enough. */
  readonly #askedToGo = new Set<string>();
  #stopLooking = () => {};

  constructor(host: QueueHost, room: TokenRoom) {
    this.#host = host;
    this.#room = room;
  }

  /**
   * Puts the task at the end of the list, and asks those to go that it takes the place of.
   *
   * @throws {@link ConcurrencyLimitError}, or the signal's reason.
   */
  async enter(request: PlaceRequest, signal: Abortable): Promise<void> {
    const { concurrency, event, holder } = request;
    const { limit, onLimit } = concurrency;
    await this.#change({ ...request, signal, isPassing }, async (draft) => {
      // Read from the snapshot, which is cheap, and is the newest under the lock.
      const holders = this.#holders;
      if (holders.some(({ id }) => id === holder.id)) return;
      if (onLimit === 'reject' && holders.length >= limit) {
        const gone = await this.#gone(limit);
        if (holders.length - gone.size >= limit) {
          throw new ConcurrencyLimitError(eventLabel(event), limit);
        }
        draft.holders = holders.filter(({ id }) => !gone.has(id));
      }
      draft.holders.push(holder);
    });
    if (onLimit === 'replace') await this.#replace(request);
  }

  isTurnOf({ concurrency, holder }: PlaceRequest): boolean {
    const first = this.#holders.slice(0, concurrency.limit);
    return first.some(({ id }) => id === holder.id);
  }

  /** Resolves when the task may run; rejects with the signal's reason. */
  async whenItsTurn(request: PlaceRequest, signal: Abortable): Promise<void> {
    signal.throwIfAborted();
    if (this.isTurnOf(request)) return;
    const { id } = request.holder;
    let onAbort = () => {};
    try {
      await new Promise<void>((onTurn, onFailure) => {
        onAbort = () => onFailure(signal.reason);
        signal.addEventListener('abort', onAbort);
        if (this.#waiting.size === 0) this.#startLooking();
        this.#waiting.set(id, { request, signal, onTurn, onFailure });
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#stopLooking();
    }
  }

  /** Takes the task off the list. Does not reject. */
  async leave({ event, holder }: PlaceRequest): Promise<void> {
    await this.#takeOff(event, new Set([holder.id]));
  }

  get #holders(): PlaceList {
    const { holders } = this.#room.requireState(this.#room.snapshot, placesState).values;
    return holders as PlaceList;
  }

  #startLooking(): void {
    const listener = { onCommit: () => this.#look() };
    this.#room.listen(listener);
    const stop = this.#host.options.clock.every(checkMs, () => {
      this.#check().catch((error: unknown) => {
        this.#host.options.logger.debug({ err: error }, 'who has a place is not known now');
      });
    });
    this.#stopLooking = () => {
      this.#room.unlisten(listener);
      stop();
    };
  }

  /** Wakes those whose turn it is: they are among the first. */
  #look(): void {
    const [waiter] = this.#waiting.values();
    // All are of one event, so that one limit is theirs.
    const limit = waiter?.request.concurrency.limit ?? 0;
    for (const { id } of this.#holders.slice(0, limit)) this.#waiting.get(id)?.onTurn();
  }

  /** For all who wait: takes those off the list whose process went without a word. */
  async #check(): Promise<void> {
    const holders = new Set(this.#holders.map(({ id }) => id));
    for (const [id, waiter] of this.#waiting) {
      const { request } = waiter;
      if (!holders.has(id)) await this.#enterAgain(waiter);
      else if (request.concurrency.onLimit === 'replace') await this.#replace(request);
    }
    const [waiter] = this.#waiting.values();
    if (!waiter) return;
    const { event, concurrency } = waiter.request;
    const gone = await this.#gone(concurrency.limit);
    if (gone.size > 0) await this.#takeOff(event, gone);
  }

  /** It was taken for gone, or the list is another: at the end of it again, unless it has ended elsewhere. */
  async #enterAgain({ request, signal, onFailure }: Waiter): Promise<void> {
    const { key, id } = request.holder;
    const present = await this.#presentOf(key);
    if (present?.has(id) === false) onFailure(new TaskEndedError());
    else await this.enter(request, signal).catch(onFailure);
  }

  /** Cancels those before it for whom there is no room beside it. */
  async #replace({ concurrency, holder }: PlaceRequest): Promise<void> {
    const holders = this.#holders;
    const at = holders.findIndex(({ id }) => id === holder.id);
    const older = holders.slice(0, Math.max(0, at + 1 - concurrency.limit));
    for (const id of this.#askedToGo) {
      if (!holders.some((each) => each.id === id)) this.#askedToGo.delete(id);
    }
    await Promise.all(
      older.map(async (each) => {
        if (this.#askedToGo.has(each.id)) return;
        this.#askedToGo.add(each.id);
        // It is asked again at the next look.
        await this.#host.cancel(each).catch(() => this.#askedToGo.delete(each.id));
      }),
    );
  }

  /**
   * The ids of those that have ended without leaving, as far as it matters for so many
   * places: every task is on record before it takes one, until its end is stored.
   */
  async #gone(limit: number): Promise<Set<string>> {
    const gone = new Set<string>();
    const present = new Map<TokenKey, ReadonlySet<string> | null>();
    for (;;) {
      const first = this.#holders.filter(({ id }) => !gone.has(id)).slice(0, limit);
      const unknown = [...new Set(first.map(({ key }) => key))].filter((key) => !present.has(key));
      const found = await Promise.all(unknown.map((key) => this.#presentOf(key)));
      for (const [index, key] of unknown.entries()) present.set(key, found[index] ?? null);
      const before = gone.size;
      for (const { key, id } of first) if (present.get(key)?.has(id) === false) gone.add(id);
      if (gone.size === before) return gone;
    }
  }

  /** Which tasks of a token have not ended; null if that cannot be known. */
  async #presentOf(key: TokenKey): Promise<ReadonlySet<string> | null> {
    try {
      const tasks = await this.#host.options.store.listTasks(key);
      return new Set(tasks.filter(({ ending }) => !ending).map(({ record }) => record.id));
    } catch (error) {
      // Its token's affair.
      if (error instanceof StoreCorruptedError) return null;
      throw error;
    }
  }

  async #takeOff(event: PlaceRequest['event'], ids: ReadonlySet<string>): Promise<void> {
    try {
      await this.#change({ event, isPassing: isPassingInTime }, (draft) => {
        const [id] = ids;
        const at = this.#holders.findIndex((holder) => holder.id === id);
        // One, as a rule: to take it out costs less than another list, which is compared whole.
        if (ids.size > 1) draft.holders = this.#holders.filter((holder) => !ids.has(holder.id));
        else if (at >= 0) draft.holders.splice(at, 1);
      });
    } catch (error) {
      // Whoever waits finds that the task is not on record any more.
      if (error instanceof ShuttingDownError) return;
      this.#host.options.logger.error({ err: error }, 'a task could not leave its place');
    }
  }

  /** Changes the list under its lock, again and again while the store cannot. */
  async #change(
    asked: {
      readonly event: PlaceRequest['event'];
      readonly signal?: Abortable;
      readonly isPassing: (error: unknown) => boolean;
    },
    change: (draft: PlacesDraft) => void | Promise<void>,
  ): Promise<void> {
    const { options } = this.#host;
    const request = {
      ...{ label: `the places of ${eventLabel(asked.event)}`, patient: true },
      ...{ plan: () => noFollowUps, signal: asked.signal },
    };
    await untilPossible(
      async () => {
        const lock = await acquireLock(options, this.#room, request);
        await holdLocks(
          [lock],
          async () => change((await openState(lock, placesState)) as PlacesDraft),
          unknownHabit,
        );
      },
      { clock: options.clock, isPassing: asked.isPassing },
    );
  }
}
