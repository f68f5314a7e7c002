import type { Row } from './todo-list.tsx';

type Rows = readonly Row[];

/** What the events of the list do to its rows, for who does not want to wait for the server. */

export function appendRow(rows: Rows, title: string): Row[] {
  // The server gives it the id that it keeps.
  return [...rows, { __typename: 'Todo', id: `new-${rows.length}`, title, done: false }];
}

export function toggleRow(rows: Rows, id: string): Row[] {
  return rows.map((row) => (row.id === id ? { ...row, done: !row.done } : row));
}

export function moveRow(rows: Rows, id: string, to: number): Row[] {
  const others = rows.filter((row) => row.id !== id);
  return [...others.slice(0, to), ...rows.filter((row) => row.id === id), ...others.slice(to)];
}

export function removeRow(rows: Rows, id: string): Row[] {
  return rows.filter((row) => row.id !== id);
}
