import type { WatchTodosSubscription } from '../../gql/graphql.ts';

export type TodosState = WatchTodosSubscription['todos']['state'];
export type Todo = TodosState['visible'][number];

export interface TodoActions {
  toggle(id: string): void;
  /** By one place among those that are visible. */
  move(id: string, direction: 'up' | 'down'): void;
  remove(id: string): void;
}

/** One todo in the list. Updating it keeps its elements, so that the focus stays where it is. */
export class TodoRow {
  readonly element = document.createElement('li');
  readonly #checkbox = document.createElement('input');
  readonly #title = document.createElement('span');
  readonly #due = document.createElement('time');
  readonly #up = iconButton('↑');
  readonly #down = iconButton('↓');
  readonly #remove = iconButton('×');

  constructor(id: string, actions: TodoActions) {
    this.#checkbox.type = 'checkbox';
    this.#title.className = 'title';
    const label = document.createElement('label');
    label.append(this.#checkbox, this.#title, this.#due);
    const buttons = document.createElement('div');
    buttons.className = 'row-actions';
    buttons.append(this.#up, this.#down, this.#remove);
    this.element.append(label, buttons);

    this.#checkbox.addEventListener('change', () => actions.toggle(id));
    this.#up.addEventListener('click', () => actions.move(id, 'up'));
    this.#down.addEventListener('click', () => actions.move(id, 'down'));
    this.#remove.addEventListener('click', () => actions.remove(id));
  }

  update(todo: Todo, { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): void {
    this.element.classList.toggle('done', todo.done);
    this.#checkbox.checked = todo.done;
    this.#title.textContent = todo.title;
    this.#due.hidden = todo.due === null;
    this.#due.dateTime = todo.due ?? '';
    this.#due.textContent = todo.due ?? '';
    this.#up.ariaLabel = `Move “${todo.title}” up`;
    this.#down.ariaLabel = `Move “${todo.title}” down`;
    this.#remove.ariaLabel = `Remove “${todo.title}”`;
    this.#up.disabled = isFirst;
    this.#down.disabled = isLast;
  }

  /** Gives the focus to the control that `element` is, or to the nearest one that can take it. */
  focus(element: Element | null): void {
    const controls = [this.#checkbox, this.#up, this.#down, this.#remove];
    const wanted = controls.find((control) => control === element) ?? this.#checkbox;
    const usable = wanted.disabled ? controls.find((control) => !control.disabled) : wanted;
    usable?.focus();
  }
}

function iconButton(text: string): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'icon';
  button.textContent = text;
  return button;
}
