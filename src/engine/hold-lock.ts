import { runHolding } from './lock-context.ts';
import type { TokenLock } from './token-lock.ts';

/**
 * Runs a handler as the transaction of its locks: commits when it returns,
 * token by token, and rolls everything uncommitted back when it throws.
 */
export async function holdLocks<T>(
  locks: readonly TokenLock[],
  handler: () => T | Promise<T>,
): Promise<T> {
  const [first] = locks;
  const held = {
    label: first?.label ?? 'app.modifyAll',
    keys: locks.map((lock) => lock.room.key),
    isLive: () => locks.some((lock) => lock.held),
  };
  try {
    const result = await runHolding(held, handler);
    for (const lock of locks) await lock.finish();
    return result;
  } catch (error) {
    for (const lock of locks) if (lock.held) lock.rollback();
    throw error;
  } finally {
    for (const lock of locks) lock.release();
  }
}
