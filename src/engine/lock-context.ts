import { AsyncLocalStorage } from 'node:async_hooks';
import { NestedModifyError } from '../errors/index.ts';
import type { MaybePromise } from '../time/at-once.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { type Habit, isOver } from './synchronous.ts';

/** A lock that a handler holds, as seen by what runs in its async context. */
interface HeldLock {
  readonly label: string;
  readonly room: { readonly key: TokenKey };
  /** Whether it is still held: what a handler left running may take locks again. */
  readonly held: boolean;
}

type HeldLocks = readonly HeldLock[];

const storage = new AsyncLocalStorage<HeldLocks | undefined>();

/** How many handlers are under way in the storage. */
let underWay = 0;

/** What the synchronous handler holds that is on the stack. */
let onStack: HeldLocks | undefined;

/**
 * Runs a handler so that {@link assertNotNested} knows what it holds. The storage is for
 * those that take time: up to Node 22 it burdens every promise of the process, which for
 * one that is over at once costs more than the rest of its event. `habit` is of what the
 * user wrote, which the handler calls.
 */
export function runHolding<T>(
  locks: HeldLocks,
  handler: () => MaybePromise<T>,
  habit: Habit,
): MaybePromise<T> {
  return habit.isSynchronous ? runOnStack(locks, handler) : runInStorage(locks, handler);
}

/** Passes on what a function of the user has returned, inside of {@link runHolding}. */
export function noteResult<T>(result: T, habit: Habit): T {
  const isOnStack = onStack !== undefined;
  if (isOver(result) !== isOnStack) habit.learnFrom(result);
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
    result = storage.run(locks, handler);
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
  if (underWay === 0) storage.disable();
}

/** Runs work that outlives the handler it was started in, free to take locks of its own. */
export function detach<T>(work: () => T): T {
  const run = () => (underWay === 0 ? work() : storage.run(undefined, work));
  return onStack ? runOnStack(undefined, run) : run();
}

/** @throws {@link NestedModifyError} if the caller runs inside a handler that holds a lock. */
export function assertNotNested(key: TokenKey, asker: string): void {
  const locks = onStack ?? (underWay === 0 ? undefined : storage.getStore());
  if (!locks?.some(({ held }) => held)) return;
  const isSame = locks.some(({ room }) => room.key === key);
  throw new NestedModifyError(asker, locks[0]?.label ?? '', isSame);
}
