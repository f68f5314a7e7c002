/**
 * A set that has one item at most, most of the time: a `Set` is made only when there
 * are several. There are some of these for each token, and an empty `Set` has 170 bytes.
 */
export type Few<Item extends object> = Item | Set<Item> | null;

/** The same with the item, which is no set itself. */
export function withItem<Item extends object>(few: Few<Item>, item: Item): Few<Item> {
  if (few instanceof Set) return few.add(item);
  return few === null || few === item ? item : new Set([few, item]);
}

/** The same without the item. */
export function withoutItem<Item extends object>(few: Few<Item>, item: Item): Few<Item> {
  if (few instanceof Set) few.delete(item);
  return few === item ? null : few;
}

export function countOf(few: Few<object>): number {
  if (few instanceof Set) return few.size;
  return few === null ? 0 : 1;
}

/** Those that are added meanwhile may be left out. */
export function forEachOf<Item extends object>(few: Few<Item>, call: (item: Item) => void): void {
  if (few instanceof Set) few.forEach(call);
  else if (few !== null) call(few);
}
