import { Latest } from './latest.ts';

/** Diffs of different states, and of subscribers that are at different commits. */
const kept = 16;

/** Makes what follows from an object, and not again for one of the latest. */
export function keepLatest<From, Made>(make: (from: From) => Made): (from: From) => Made {
  const latest = new Latest<From, Made>(kept);
  return (from) => {
    const known = latest.get(from);
    if (known !== undefined) return known;
    const made = make(from);
    latest.add(from, made);
    return made;
  };
}
