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

  /** Which of the row's controls has the focus; -1 for none. */
  get focused(): number {
    return this.#controls.indexOf(document.activeElement as HTMLInputElement);
  }

  /** Gives the focus to a control, or to another one if that one cannot take it. */
  focus(index: number): void {
    const wanted = this.#controls[index];
    const control = wanted?.disabled ? this.#controls.find(({ disabled }) => !disabled) : wanted;
    control?.focus();
  }

  get #controls() {
    return [this.#up, this.#down, this.#remove, this.#checkbox] as const;
  }
}

function iconButton(text: string): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'icon';
  button.textContent = text;
  return button;
}
