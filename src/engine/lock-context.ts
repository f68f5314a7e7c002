import { AsyncLocalStorage } from 'node:async_hooks';
import { NestedModifyError } from '../errors/index.ts';
import type { TokenKey } from '../tokens/token-key.ts';

/** The locks that a handler holds, as seen by what runs in its async context. */
export interface HeldLocks {
  readonly label: string;
  readonly keys: readonly TokenKey[];
  /** Whether they are still held: what a handler left running may take locks again. */
  readonly isLive: () => boolean;
}

const held = new AsyncLocalStorage<HeldLocks | undefined>();

/** Runs a handler so that {@link assertNotNested} knows what it holds. */
export function runHolding<T>(locks: HeldLocks, handler: () => T): T {
  return held.run(locks, handler);
}

/** Runs work that outlives the handler it was started in, free to take locks of its own. */
export function detach<T>(work: () => T): T {
  return held.run(undefined, work);
}

/** @throws {@link NestedModifyError} if the caller runs inside a handler that holds a lock. */
export function assertNotNested(key: TokenKey, asker: string): void {
  const locks = held.getStore();
  if (locks?.isLive()) throw new NestedModifyError(asker, locks.label, locks.keys.includes(key));
}
