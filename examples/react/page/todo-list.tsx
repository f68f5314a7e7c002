import { type FormEvent, useState } from 'react';
import type { ListFieldsFragment } from '../../gql/graphql.ts';

type List = ListFieldsFragment;
export type Row = List['items'][number];

/** What the list can be told to do. */
export interface ListActions {
  append(title: string): void;
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
  const append = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() === '') return;
    actions.append(title);
    setTitle('');
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
          disabled={place === 0}
          onClick={() => actions.move(row, place - 1)}
        />
        <IconButton
          label={`Move “${row.title}” down`}
          text="↓"
          disabled={isLast}
          onClick={() => actions.move(row, place + 1)}
        />
        <IconButton
          label={`Remove “${row.title}”`}
          text="×"
          disabled={false}
          onClick={() => actions.remove(row)}
        />
      </div>
    </li>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly text: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
}

function IconButton({ label, text, disabled, onClick }: IconButtonProps) {
  return (
    <button type="button" className="icon" aria-label={label} disabled={disabled} onClick={onClick}>
      {text}
    </button>
  );
}
