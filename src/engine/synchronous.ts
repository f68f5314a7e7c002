/** What users wrote: the handler of an event, or what they passed to `modifyState`. */
export type UserFunction = (...args: never[]) => unknown;

const AsyncFunction = (async () => {}).constructor;

/** What has been seen of functions that have one text. */
export class Habit {
  #isSynchronous: boolean | null = null;

  /**
   * Whether they are over when they return, as far as that has been seen. One that sometimes
   * returns a promise, and never has, is taken for one that does not.
   */
  get isSynchronous(): boolean {
    return this.#isSynchronous === true;
  }

  /** One that was not over once is not known to be from then on. */
  learnFrom(result: unknown): void {
    this.#isSynchronous = isOver(result) && this.#isSynchronous !== false;
  }
}

/** Of functions of which nothing is to be learned. */
class UnknownHabit extends Habit {
  override get isSynchronous(): boolean {
    return false;
  }

  override learnFrom(): void {}
}

export const unknownHabit: Habit = new UnknownHabit();

/** By their text, since what is passed to `modifyState` is another function each time. */
const known = new Map<string, Habit>();

/** Texts that somebody makes up at run time are not learned for ever. */
const maxKnown = 10_000;

export function habitOf(user: UserFunction): Habit {
  if (user instanceof AsyncFunction) return unknownHabit;
  const text = String(user);
  let habit = known.get(text);
  if (!habit) {
    habit = new Habit();
    if (known.size < maxKnown) known.set(text, habit);
  }
  return habit;
}

const ofHandlers = new WeakMap<UserFunction, Habit>();

/** The same for a handler that stays as long as its schema: it is not read each time. */
export function habitOfHandler(handler: UserFunction): Habit {
  let habit = ofHandlers.get(handler);
  if (!habit) {
    habit = habitOf(handler);
    ofHandlers.set(handler, habit);
  }
  return habit;
}

/** Whether a function that has returned this has nothing left to do: it is neither a promise nor a generator. */
export function isOver(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return true;
  return !('then' in result) && !('next' in result);
}
