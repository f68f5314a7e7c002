import { StatewireError } from './statewire-error.ts';

/** The lock was held longer than `maxHoldMs` or its lease was lost. Nothing of it can be written any more. */
export class LockExpiredError extends StatewireError {
  constructor(owner: string, heldMs: number) {
    super(
      'LOCK_EXPIRED',
      `The lock of ${owner} ended after ${heldMs} ms (maxHoldMs): its uncommitted changes are refused. Hold locks briefly and do slow work outside them.`,
    );
  }
}

/** The store has given the lease of this lock to another: the node had not renewed it in time. Nothing of it can be written any more. */
export class LeaseLostError extends StatewireError {
  constructor() {
    super(
      'LOCK_EXPIRED',
      'The lease of this lock was lost to another node: its uncommitted changes are refused.',
    );
  }
}

/** The lock could not be had within `acquireTimeoutMs`. Nothing was run. */
export class LockTimeoutError extends StatewireError {
  constructor(waiter: string, holder: string, timeoutMs: number) {
    super(
      'LOCK_TIMEOUT',
      `${waiter} waited ${timeoutMs} ms (acquireTimeoutMs) for the lock, which ${holder} holds.`,
    );
  }
}

/** A lock was asked for while its asker holds one. Nothing was run. */
export class NestedModifyError extends StatewireError {
  constructor(asker: string, holder: string, sameToken: boolean) {
    const advice = sameToken
      ? 'Do not nest modifyState: use the draft you have, s.getState(Other) for another state, or app.detach for work that outlives the handler.'
      : 'A handler holds one token at a time: use app.modifyAll for several, or app.detach for work that outlives the handler.';
    super('NESTED_MODIFY', `${asker} asks for a lock inside the lock of ${holder}. ${advice}`);
  }
}

/** The history this commit was based on is no longer the stored one. Nothing was written. */
export class ConflictError extends StatewireError {
  constructor(options?: ErrorOptions) {
    super(
      'CONFLICT',
      'The state changed in the store under this lock; nothing was written.',
      options,
    );
  }
}
