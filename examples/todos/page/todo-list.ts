import { type TodoActions, TodoRow, type TodosState } from './todo-row.ts';

/** The list of the visible todos. Whatever changes in it, the focus stays in it. */
export class TodoList {
  readonly #element: HTMLElement;
  readonly #actions: TodoActions;
  readonly #fallback: HTMLElement;
  #rows = new Map<string, TodoRow>();

  /** @param fallback Gets the focus when the todo that had it was the last one. */
  constructor(element: HTMLElement, actions: TodoActions, fallback: HTMLElement) {
    this.#element = element;
    this.#actions = actions;
    this.#fallback = fallback;
  }

  render(visible: TodosState['visible']): void {
    const focused = this.#element.contains(document.activeElement) ? document.activeElement : null;
    const focusedRow = [...this.#rows.values()].findIndex(({ element }) =>
      element.contains(focused),
    );
    const before = [...this.#rows.keys()];

    const rows = new Map<string, TodoRow>();
    visible.forEach((todo, index) => {
      const row = this.#rows.get(todo.id) ?? new TodoRow(todo.id, this.#actions);
      row.update(todo, { isFirst: index === 0, isLast: index === visible.length - 1 });
      rows.set(todo.id, row);
    });
    this.#rows = rows;
    this.#element.replaceChildren(...[...rows.values()].map(({ element }) => element));

    if (!focused) return;
    // The row itself, or the next one that was below it, or the last one.
    const next = before.slice(focusedRow).find((id) => rows.has(id)) ?? [...rows.keys()].at(-1);
    const row = next === undefined ? undefined : rows.get(next);
    if (row) row.focus(focused);
    else this.#fallback.focus();
  }
}
