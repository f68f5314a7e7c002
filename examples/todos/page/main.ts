import type { TodoFilter } from '../../gql/graphql.ts';
import { byId } from '../../page/dom.ts';
import { startPage } from '../../page/start-page.ts';
import {
  AddTodo,
  ImportTodos,
  MoveTodo,
  RemoveTodo,
  SetFilter,
  ToggleTodo,
  WatchTodos,
} from './operations.ts';
import { TodoList } from './todo-list.ts';
import type { TodosState } from './todo-row.ts';

const five = ['Buy milk', 'Water the plants', 'Call the dentist', 'Read a chapter', 'Go to bed'];
const nothing = { ALL: 'Nothing to do.', OPEN: 'Nothing is open.', DONE: 'Nothing is done.' };

const form = byId('add', HTMLFormElement);
const title = byId('title', HTMLInputElement);
const due = byId('due', HTMLInputElement);
const open = byId('open', HTMLElement);
const empty = byId('empty', HTMLElement);
const filters = byId('filters', HTMLFieldSetElement);

const { session, render, act } = startPage();
let state: TodosState | null = null;

const list = new TodoList(
  byId('todos', HTMLElement),
  {
    toggle: (id) => change(() => session.mutate(ToggleTodo, { id })),
    remove: (id) => change(() => session.mutate(RemoveTodo, { id })),
    move: (id, direction) => {
      const to = placeOf(id, direction);
      if (to >= 0) change(() => session.mutate(MoveTodo, { id, to }));
    },
  },
  title,
);

render(WatchTodos, ({ state: next }) => show(next));

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const added = { title: title.value, due: due.value || null };
  const failure = await act(() => session.mutate(AddTodo, added));
  title.ariaInvalid = String(failure !== null);
  if (!failure && title.value === added.title) form.reset();
  title.focus();
});

byId('import', HTMLButtonElement).addEventListener('click', () =>
  act(() => session.mutate(ImportTodos, { titles: five })),
);

filters.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  const filter = target.value as TodoFilter;
  change(() => session.mutate(SetFilter, { filter }));
});

/** Checkboxes and radio buttons change by themselves; after a failure they must change back. */
async function change(action: () => Promise<unknown>): Promise<void> {
  const failure = await act(action);
  if (failure && state) show(state);
}

function show(next: TodosState): void {
  state = next;
  list.render(next.visible);
  open.textContent = `${next.open} open`;
  empty.textContent = nothing[next.filter];
  empty.hidden = next.visible.length > 0;
  for (const radio of filters.querySelectorAll('input'))
    radio.checked = radio.value === next.filter;
}

/** The place, in the whole list, of the visible neighbour; -1 if there is none. */
function placeOf(id: string, direction: 'up' | 'down'): number {
  const { visible, items } = state ?? { visible: [], items: [] };
  const index = visible.findIndex((todo) => todo.id === id);
  const neighbour = visible[direction === 'up' ? index - 1 : index + 1];
  return items.findIndex((todo) => todo.id === neighbour?.id);
}
