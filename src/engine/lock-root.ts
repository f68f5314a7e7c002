import { lockMember } from './state-draft.ts';
import type { TokenLock } from './token-lock.ts';

/** What `app.modifyState(key, (root) => …)` gets: a lock without a state of its own. */
export function createLockRoot(lock: TokenLock): object {
  return new Proxy(Object.freeze({}), {
    get: (_target, name) => lockMember(lock, name),
    set: (_target, name) => {
      throw new TypeError(`Expected root.getState(State) to write to, got root.${String(name)}.`);
    },
  });
}
