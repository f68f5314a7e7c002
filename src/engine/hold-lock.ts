import { andFinally, andThen, type MaybePromise, orElse } from '../time/at-once.ts';
import { runHolding } from './lock-context.ts';
import type { UserFunction } from './synchronous.ts';
import type { TokenLock } from './token-lock.ts';

/**
 * Runs a handler as the transaction of its locks: commits when it returns,
 * token by token, and rolls everything uncommitted back when it throws. At once,
 * if neither the handler nor the store takes time. For `user` see {@link runHolding}.
 */
export function holdLocks<T>(
  locks: readonly TokenLock[],
  handler: () => MaybePromise<T>,
  user: UserFunction | null,
): MaybePromise<T> {
  const held = {
    label: locks[0]?.label ?? 'app.modifyAll',
    keys: locks.map((lock) => lock.room.key),
    isLive: () => locks.some((lock) => lock.held),
  };
  const commit = (result: T) => andThen(finishAll(locks), () => result);
  const rollBack = (error: unknown): never => {
    for (const lock of locks) if (lock.held) lock.rollback();
    throw error;
  };
  const transaction = () =>
    orElse(() => andThen(runHolding(held, handler, user), commit), rollBack);
  const running = andFinally(transaction, () => {
    for (const lock of locks) lock.release();
  });
  if (running instanceof Promise) for (const lock of locks) lock.limitTime();
  return running;
}

function finishAll(locks: readonly TokenLock[], at = 0): MaybePromise<void> {
  const lock = locks[at];
  return lock && andThen(lock.finish(), () => finishAll(locks, at + 1));
}
