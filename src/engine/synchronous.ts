/** What users wrote: the handler of an event, or what they passed to `modifyState`. */
export type UserFunction = (...args: never[]) => unknown;

const AsyncFunction = (async () => {}).constructor;

/**
 * Whether functions with this text are over when they return. By their text, since what
 * is passed to `modifyState` is another function each time.
 */
const learned = new Map<string, boolean>();

/** Texts that somebody makes up at run time are not learned for ever. */
const maxLearned = 10_000;

/**
 * Whether a function is over when it returns, as far as it has been seen. One that sometimes
 * returns a promise, and never has, is taken for one that does not.
 */
export function isKnownToBeSynchronous(user: UserFunction): boolean {
  return !(user instanceof AsyncFunction) && learned.get(String(user)) === true;
}

/** One that was not over once is not known to be from then on. */
export function learnFrom(user: UserFunction, result: unknown): void {
  if (user instanceof AsyncFunction) return;
  const text = String(user);
  if (learned.size >= maxLearned && !learned.has(text)) return;
  learned.set(text, isOver(result) && learned.get(text) !== false);
}

/** Whether a function that has returned this has nothing left to do: it is neither a promise nor a generator. */
export function isOver(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return true;
  return !('then' in result) && !('next' in result);
}
