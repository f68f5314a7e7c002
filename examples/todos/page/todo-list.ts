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
    const before = [...this.#rows];
    const index = before.findIndex(([, row]) => row.focused >= 0);
    const control = before[index]?.[1].focused ?? -1;

    this.#rows = new Map(
      visible.map((todo, place) => {
        const row = this.#rows.get(todo.id) ?? new TodoRow(todo.id, this.#actions);
        row.update(todo, { isFirst: place === 0, isLast: place === visible.length - 1 });
        return [todo.id, row];
      }),
    );
    const rows = [...this.#rows.values()];
    this.#element.replaceChildren(...rows.map(({ element }) => element));

    if (index < 0) return;
    // The row itself, or the first one below it that is still there, or the last one.
    const stayed = before.slice(index).find(([id]) => this.#rows.has(id));
    const row = stayed?.[1] ?? rows.at(-1);
    if (row) row.focus(control);
    else this.#fallback.focus();
  }
}
