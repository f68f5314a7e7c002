type Rows = readonly unknown[];

/** Shorter lists are read as fast as they are copied. */
const minRows = 256;

const copies = new WeakMap<Rows, Rows>();

/**
 * The rows of a list that is part of a snapshot, to be read one by one: V8 reads those of
 * a frozen list several times slower. One copy for all who ask, for as long as the list lives.
 */
export function unfrozenRows(list: Rows): Rows {
  if (list.length < minRows) return list;
  let copy = copies.get(list);
  if (!copy) {
    copy = [...list];
    copies.set(list, copy);
  }
  return copy;
}
