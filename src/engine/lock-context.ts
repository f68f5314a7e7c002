import { AsyncLocalStorage } from 'node:async_hooks';
import { NestedModifyError } from '../errors/index.ts';
import type { MaybePromise } from '../time/at-once.ts';
import type { TokenKey } from '../tokens/token-key.ts';

/** The locks that a handler holds, as seen by what runs in its async context. */
export interface HeldLocks {
  readonly label: string;
  readonly keys: readonly TokenKey[];
  /** Whether they are still held: what a handler left running may take locks again. */
  readonly isLive: () => boolean;
}

const held = new AsyncLocalStorage<HeldLocks | undefined>();

/** How many handlers are under way. */
let underWay = 0;

/** Runs a handler so that {@link assertNotNested} knows what it holds. */
export function runHolding<T>(locks: HeldLocks, handler: () => MaybePromise<T>): MaybePromise<T> {
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

/** While no handler is under way the storage is off: up to Node 22 it burdens every promise of the process. */
function leave(): void {
  underWay -= 1;
  if (underWay === 0) held.disable();
}

/** Runs work that outlives the handler it was started in, free to take locks of its own. */
export function detach<T>(work: () => T): T {
  return underWay === 0 ? work() : held.run(undefined, work);
}

/** @throws {@link NestedModifyError} if the caller runs inside a handler that holds a lock. */
export function assertNotNested(key: TokenKey, asker: string): void {
  const locks = held.getStore();
  if (locks?.isLive()) throw new NestedModifyError(asker, locks.label, locks.keys.includes(key));
}
