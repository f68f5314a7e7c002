import { AsyncLocalStorage } from 'node:async_hooks';
import { NestedModifyError } from '../errors/index.ts';
import type { MaybePromise } from '../time/at-once.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { isKnownToBeSynchronous, isOver, learnFrom, type UserFunction } from './synchronous.ts';

/** The locks that a handler holds, as seen by what runs in its async context. */
export interface HeldLocks {
  readonly label: string;
  readonly keys: readonly TokenKey[];
  /** Whether they are still held: what a handler left running may take locks again. */
  readonly isLive: () => boolean;
}

const held = new AsyncLocalStorage<HeldLocks | undefined>();

/** How many handlers are under way in the storage. */
let underWay = 0;

/** What the synchronous handler holds that is on the stack. */
let onStack: HeldLocks | undefined;

/**
 * Runs a handler so that {@link assertNotNested} knows what it holds. The storage is for
 * those that take time: up to Node 22 it burdens every promise of the process, which for
 * one that is over at once costs more than the rest of its event. `user` is what the handler
 * calls; null if that cannot be said.
 */
export function runHolding<T>(
  locks: HeldLocks,
  handler: () => MaybePromise<T>,
  user: UserFunction | null,
): MaybePromise<T> {
  const isSynchronous = user !== null && isKnownToBeSynchronous(user);
  return isSynchronous ? runOnStack(locks, handler) : runInStorage(locks, handler);
}

/** Calls what a user wrote, inside of {@link runHolding}. */
export function callUser<Args extends unknown[], Result>(
  user: (...args: Args) => Result,
  ...args: Args
): Result {
  const isOnStack = onStack !== undefined;
  const result = user(...args);
  if (isOver(result) !== isOnStack) learnFrom(user, result);
  return result;
}

function runOnStack<T>(locks: HeldLocks | undefined, handler: () => T): T {
  const before = onStack;
  onStack = locks;
  try {
    return handler();
  } finally {
    onStack = before;
  }
}

function runInStorage<T>(locks: HeldLocks, handler: () => MaybePromise<T>): MaybePromise<T> {
  underWay += 1;
  let result: MaybePromise<T>;
  try {
    result = held.run(locks, handler);
  } catch (error) {
    leave();
    throw error;
  }
  if (result instanceof Promise) result.then(leave, leave);
  else leave();
  return result;
}

/** While no handler is under way the storage is off. */
function leave(): void {
  underWay -= 1;
  if (underWay === 0) held.disable();
}

/** Runs work that outlives the handler it was started in, free to take locks of its own. */
export function detach<T>(work: () => T): T {
  const run = () => (underWay === 0 ? work() : held.run(undefined, work));
  return onStack ? runOnStack(undefined, run) : run();
}

/** @throws {@link NestedModifyError} if the caller runs inside a handler that holds a lock. */
export function assertNotNested(key: TokenKey, asker: string): void {
  const locks = onStack ?? held.getStore();
  if (locks?.isLive()) throw new NestedModifyError(asker, locks.label, locks.keys.includes(key));
}
