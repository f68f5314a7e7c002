import type { MaybePromise } from '../time/at-once.ts';
import { runHolding } from './lock-context.ts';
import type { Habit } from './synchronous.ts';
import type { TokenLock } from './token-lock.ts';

/**
 * Runs a handler as the transaction of its locks: commits when it returns,
 * token by token, and rolls everything uncommitted back when it throws. At once,
 * if neither the handler nor the store takes time. For `habit` see {@link runHolding}.
 */
export function holdLocks<T>(
  locks: readonly TokenLock[],
  handler: () => MaybePromise<T>,
  habit: Habit,
): MaybePromise<T> {
  try {
    const result = runHolding(locks, handler, habit);
    if (result instanceof Promise) return holdOn(locks, handled(locks, result));
    const finished = finishAll(locks);
    if (finished instanceof Promise) {
      const stored = finished.then(() => result);
      return holdOn(locks, stored);
    }
    releaseAll(locks);
    return result;
  } catch (error) {
    rollBackAll(locks);
    releaseAll(locks);
    throw error;
  }
}

async function handled<T>(locks: readonly TokenLock[], result: Promise<T>): Promise<T> {
  const value = await result;
  await finishAll(locks);
  return value;
}

/** Until what takes time is done: meanwhile others have a turn, and the time of the locks counts. */
async function holdOn<T>(locks: readonly TokenLock[], transaction: Promise<T>): Promise<T> {
  for (const lock of locks) lock.limitTime();
  try {
    return await transaction;
  } catch (error) {
    rollBackAll(locks);
    throw error;
  } finally {
    releaseAll(locks);
  }
}

function finishAll(locks: readonly TokenLock[], from = 0): MaybePromise<void> {
  for (let at = from; at < locks.length; at += 1) {
    const finished = locks[at]?.finish();
    if (finished instanceof Promise) return finished.then(() => finishAll(locks, at + 1));
  }
}

function rollBackAll(locks: readonly TokenLock[]): void {
  for (const lock of locks) if (lock.held) lock.rollback();
}

function releaseAll(locks: readonly TokenLock[]): void {
  for (const lock of locks) lock.release();
}
