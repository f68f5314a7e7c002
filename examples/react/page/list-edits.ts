import type { Row } from './todo-list.tsx';

type Rows = readonly Row[];

/**
 * What the events of the list do to its rows, for who does not want to wait for the
 * server. Doing one twice is as good as once: a cache does those that are under way anew
 * on what the server has sent, which may have their outcome in it already.
 */

/** @param length of the list when it was asked for. */
export function appendRow(rows: Rows, title: string, length: number): Row[] {
  if (rows.length > length) return [...rows];
  // The server gives it the id that it keeps.
  return [...rows, { __typename: 'Todo', id: `new-${length}`, title, done: false }];
}

export function setDone(rows: Rows, id: string, done: boolean): Row[] {
  return rows.map((row) => (row.id === id ? { ...row, done } : row));
}

export function moveRow(rows: Rows, id: string, to: number): Row[] {
  const others = rows.filter((row) => row.id !== id);
  return [...others.slice(0, to), ...rows.filter((row) => row.id === id), ...others.slice(to)];
}

export function removeRow(rows: Rows, id: string): Row[] {
  return rows.filter((row) => row.id !== id);
}
