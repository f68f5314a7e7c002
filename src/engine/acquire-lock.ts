import { type LockMessage, locks } from '../diagnostics/lock.ts';
import { LockTimeoutError } from '../errors/index.ts';
import type { Lease } from '../store/state-store.ts';
import type { EngineOptions } from './engine-options.ts';
import { describeRequest, type LockGrant, type LockRequest, TokenLock } from './token-lock.ts';
import type { TokenRoom } from './token-room.ts';

/**
 * Waits for the lock of a token: for its queue on this node, then for the
 * store's lease.
 *
 * @throws {@link LockTimeoutError} after `acquireTimeoutMs`, unless it is patient, or the reason of `signal`.
 */
export function acquireLock(
  options: EngineOptions,
  room: TokenRoom,
  request: LockRequest & { readonly signal?: AbortSignal | undefined },
): Promise<TokenLock> {
  const { clock, limits } = options;
  const { signal } = request;
  const askedAt = performance.now();
  return new Promise((resolve, reject) => {
    let gaveUp = false;
    const settle = () => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
    };
    const giveUp = (error: unknown) => {
      gaveUp = true;
      settle();
      reject(error);
    };
    const tell = (outcome: LockMessage['outcome']) => {
      if (!locks.hasSubscribers) return;
      const waitMs = performance.now() - askedAt;
      locks.publish({ token: room.key, label: request.label, waitMs, holdMs: 0, outcome });
    };
    const onAbort = () => {
      tell('abandoned');
      giveUp(signal?.reason);
    };
    const onTimeout = () => {
      tell('timeout');
      const holder = room.holder?.describe() ?? 'another node';
      giveUp(new LockTimeoutError(describeRequest(request), holder, limits.acquireTimeoutMs));
    };
    const cancelTimer = request.patient
      ? () => {}
      : clock.after(limits.acquireTimeoutMs, onTimeout);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort);
    // Whoever gave up stays in the queue, and passes the lock on when it comes.
    takeTurn(options, room, { request, askedAt }, () => gaveUp).then((lock) => {
      settle();
      if (gaveUp) lock?.release();
      else if (lock) resolve(lock);
    }, giveUp);
  });
}

async function takeTurn(
  options: EngineOptions,
  room: TokenRoom,
  asked: Pick<LockGrant, 'request' | 'askedAt'>,
  gaveUp: () => boolean,
): Promise<TokenLock | null> {
  const leaveQueue = await room.queue.acquire();
  await room.breathe();
  if (gaveUp()) {
    leaveQueue();
    return null;
  }
  let lease: Lease | null = null;
  let lock: TokenLock | null = null;
  let isLost = false;
  const onLost = () => {
    isLost = true;
    lock?.loseLease();
  };
  try {
    room.touch();
    const known = room.position;
    lease = await options.store.acquire(room.key, known, onLost);
    await room.catchUp(known, lease.catchUp);
    if (gaveUp()) {
      await lease.release();
      leaveQueue();
      return null;
    }
    lock = new TokenLock(options, room, { ...asked, lease, leaveQueue });
    if (isLost) lock.loseLease();
    return lock;
  } catch (error) {
    await lease?.release();
    leaveQueue();
    throw error;
  }
}
