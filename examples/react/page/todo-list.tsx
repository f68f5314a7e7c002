import { type FormEvent, type MouseEvent, useState } from 'react';
import type { ListFieldsFragment } from '../../gql/graphql.ts';

type List = ListFieldsFragment;
export type Row = List['items'][number];

/** What the list can be told to do. */
export interface ListActions {
  /** Resolves to whether the server did it. */
  append(title: string): Promise<boolean>;
  toggle(row: Row): void;
  /** To a place in the list. */
  move(row: Row, to: number): void;
  remove(row: Row): void;
}

interface TodoListProps {
  readonly list: List;
  readonly actions: ListActions;
}

/** The todos. It knows nothing of where its state comes from. */
export function TodoList({ list: { items, open }, actions }: TodoListProps) {
  const [title, setTitle] = useState('');
  const append = async (event: FormEvent) => {
    event.preventDefault();
    setTitle('');
    const isDone = await actions.append(title);
    // What was refused is there to be mended, unless something else is there by now.
    if (!isDone) setTitle((now) => now || title);
  };
  return (
    <section className="card" aria-label="Todos">
      <form id="add" className="add" onSubmit={append}>
        <p className="field grow">
          <label htmlFor="title">Title</label>
          <input
            id="title"
            autoComplete="off"
            value={title}
            onChange={({ target }) => setTitle(target.value)}
          />
        </p>
        <button type="submit" className="primary">
          Add
        </button>
      </form>
      <div className="toolbar">
        <p id="open" className="open" role="status">
          {open} open
        </p>
      </div>
      <ul id="todos" className="todos" aria-label="Todos">
        {items.map((row, place) => (
          <TodoRow
            key={row.id}
            row={row}
            actions={actions}
            place={place}
            isLast={place === items.length - 1}
          />
        ))}
      </ul>
    </section>
  );
}

interface TodoRowProps {
  readonly row: Row;
  readonly actions: ListActions;
  readonly place: number;
  readonly isLast: boolean;
}

function TodoRow({ row, actions, place, isLast }: TodoRowProps) {
  return (
    <li className={row.done ? 'done' : ''} data-id={row.id}>
      <label>
        <input type="checkbox" checked={row.done} onChange={() => actions.toggle(row)} />
        <span className="title">{row.title}</span>
      </label>
      <div className="row-actions">
        <IconButton
          label={`Move “${row.title}” up`}
          text="↑"
          isOff={place === 0}
          onClick={() => actions.move(row, place - 1)}
        />
        <IconButton
          label={`Move “${row.title}” down`}
          text="↓"
          isOff={isLast}
          onClick={() => actions.move(row, place + 1)}
        />
        <IconButton
          label={`Remove “${row.title}”`}
          text="×"
          isOff={false}
          onClick={({ currentTarget }) => {
            focusNeighbour(currentTarget);
            actions.remove(row);
          }}
        />
      </div>
    </li>
  );
}

/** Before a row goes with the button that has the focus: the same button of the next one gets it. */
function focusNeighbour(button: Element): void {
  const row = button.closest('li');
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
  const next = neighbour?.querySelector<HTMLElement>('button:last-of-type');
  (next ?? document.querySelector<HTMLElement>('#title'))?.focus();
}

interface IconButtonProps {
  readonly label: string;
  readonly text: string;
  /** It does nothing, and keeps the focus that it has: a disabled one would lose it. */
  readonly isOff: boolean;
  readonly onClick: (event: MouseEvent<HTMLButtonElement>) => void;
}

function IconButton({ label, text, isOff, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      className="icon"
      aria-label={label}
      aria-disabled={isOff}
      onClick={(event) => {
        if (!isOff) onClick(event);
      }}
    >
      {text}
    </button>
  );
}
