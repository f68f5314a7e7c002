import { type LockMessage, locks } from '../diagnostics/lock.ts';
import { LockTimeoutError } from '../errors/index.ts';
import type { Position } from '../state/snapshot.ts';
import type { Lease } from '../store/state-store.ts';
import type { MaybePromise } from '../time/at-once.ts';
import type { EngineOptions } from './engine-options.ts';
import type { Abortable } from './fence.ts';
import { describeRequest, type LockRequest, TokenLock } from './token-lock.ts';
import type { TokenRoom } from './token-room.ts';

type AbortableRequest = LockRequest & { readonly signal?: Abortable | undefined };

/**
 * Waits for the lock of a token: for its queue on this node, then for the
 * store's lease. Had at once if it is free, and the store has it at hand.
 *
 * @throws {@link LockTimeoutError} after `acquireTimeoutMs`, unless it is patient, or the reason of `signal`.
 */
export function acquireLock(
  options: EngineOptions,
  room: TokenRoom,
  request: AbortableRequest,
): MaybePromise<TokenLock> {
  const asking = new Asking(options, room, request);
  return request.signal?.aborted ? asking.abandon() : asking.take();
}

/** Somebody who asks for a lock, until it is granted or not wanted any more. */
class Asking {
  readonly #options: EngineOptions;
  readonly #room: TokenRoom;
  readonly #request: AbortableRequest;
  /** On this process's own clock; null if nobody wants to know. */
  readonly #askedAt = locks.hasSubscribers ? performance.now() : null;
  #hasGivenUp = false;
  #lease: Lease | null = null;
  #lock: TokenLock | null = null;
  #isLost = false;

  constructor(options: EngineOptions, room: TokenRoom, request: AbortableRequest) {
    this.#options = options;
    this.#room = room;
    this.#request = request;
  }

  take(): MaybePromise<TokenLock> {
    const turn = this.#room.queue.take();
    const taken = turn ? turn.then(() => this.#takeTurn()) : this.#takeTurn();
    // What is had at once was not given up.
    return taken instanceof Promise ? this.#inTime(taken) : (taken as TokenLock);
  }

  abandon(): Promise<never> {
    this.#tell('abandoned');
    return Promise.reject(this.#request.signal?.reason);
  }

  /** It has the queue's turn; null if it does not want it any more. */
  #takeTurn(): MaybePromise<TokenLock | null> {
    const breath = this.#room.breathe();
    return breath ? breath.then(() => this.#takeLease()) : this.#takeLease();
  }

  #takeLease(): MaybePromise<TokenLock | null> {
    const room = this.#room;
    if (this.#hasGivenUp) {
      room.queue.leave();
      return null;
    }
    try {
      room.touch();
      const known = room.position;
      const lease = this.#options.store.acquire(room.key, known, () => this.#lose());
      const granted =
        lease instanceof Promise
          ? lease.then((answer) => this.#catchUp(known, answer))
          : this.#catchUp(known, lease);
      return granted instanceof Promise ? granted.catch((error) => this.#fail(error)) : granted;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #catchUp(known: Position, lease: Lease): MaybePromise<TokenLock | null> {
    this.#lease = lease;
    const caughtUp = this.#room.catchUp(known, lease.catchUp);
    return caughtUp instanceof Promise
      ? caughtUp.then(() => this.#grant(lease))
      : this.#grant(lease);
  }

  #grant(lease: Lease): MaybePromise<TokenLock | null> {
    if (this.#hasGivenUp) return this.#giveBack(lease);
    const grant = { request: this.#request, lease, askedAt: this.#askedAt };
    this.#lock = new TokenLock(this.#options, this.#room, grant);
    if (this.#isLost) this.#lock.loseLease();
    return this.#lock;
  }

  #lose(): void {
    this.#isLost = true;
    this.#lock?.loseLease();
  }

  async #fail(error: unknown): Promise<never> {
    await this.#lease?.release();
    this.#room.queue.leave();
    throw error;
  }

  async #giveBack(lease: Lease): Promise<null> {
    await lease.release();
    this.#room.queue.leave();
    return null;
  }

  #inTime(taken: Promise<TokenLock | null>): Promise<TokenLock> {
    const { clock, limits } = this.#options;
    const { signal, patient } = this.#request;
    return new Promise((resolve, reject) => {
      const settle = () => {
        cancelTimer();
        signal?.removeEventListener('abort', onAbort);
      };
      const giveUp = (error: unknown) => {
        this.#hasGivenUp = true;
        settle();
        reject(error);
      };
      const onAbort = () => {
        this.#tell('abandoned');
        giveUp(signal?.reason);
      };
      const onTimeout = () => {
        this.#tell('timeout');
        const holder = this.#room.holder?.describe() ?? 'another node';
        giveUp(
          new LockTimeoutError(describeRequest(this.#request), holder, limits.acquireTimeoutMs),
        );
      };
      const cancelTimer = patient ? () => {} : clock.after(limits.acquireTimeoutMs, onTimeout);
      signal?.addEventListener('abort', onAbort);
      // Whoever gave up stays in the queue, and passes the lock on when it comes.
      taken.then((lock) => {
        settle();
        if (this.#hasGivenUp) lock?.release();
        else if (lock) resolve(lock);
      }, giveUp);
    });
  }

  #tell(outcome: LockMessage['outcome']): void {
    if (this.#askedAt === null || !locks.hasSubscribers) return;
    const waitMs = performance.now() - this.#askedAt;
    const { label } = this.#request;
    locks.publish({ token: this.#room.key, label, waitMs, holdMs: 0, outcome });
  }
}
