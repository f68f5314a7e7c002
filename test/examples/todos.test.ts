import { describe, expect, it } from 'vitest';
import { startExamples } from './start-examples.ts';

interface Todo {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
  readonly due: string | null;
}

interface Todos {
  readonly items: Todo[];
  readonly filter: string;
  readonly open: number;
  readonly visible: Pick<Todo, 'title'>[];
}

interface Diff {
  readonly todos: { readonly changed: string[]; readonly state: Todos };
}

const fields = 'items { id title done due } filter open visible { title }';
const watch = `subscription ($token: ID!) { todos(token: $token) { changed state { ${fields} } } }`;

type Client = ReturnType<ReturnType<typeof startExamples>['client']>;

/** Runs `todos<event>` and gives the state that it left. */
async function run(client: Client, event: string, args = ''): Promise<Todos> {
  const query = `mutation ($token: ID!) { result: todos${event}(token: $token${args}) { state { ${fields} } } }`;
  const { result } = await client.run<{ result: { state: Todos } }>(query);
  return result.state;
}

describe('the todos example', () => {
  it('adds, toggles, filters, moves and removes', async () => {
    await using examples = startExamples();
    const client = examples.client();
    const subscription = client.subscribe<Diff>(watch);
    await subscription.take(1);

    await run(client, 'Add', ', title: "  Buy milk ", due: "2026-12-24"');
    const [added] = await subscription.take(1);
    expect(added?.todos.changed).toEqual(['ITEMS', 'OPEN', 'VISIBLE']);
    expect(added?.todos.state).toMatchObject({
      items: [{ title: 'Buy milk', done: false, due: '2026-12-24' }],
      open: 1,
      visible: [{ title: 'Buy milk' }],
    });
    const { items } = await run(client, 'Add', ', title: "Write a test"');
    const [first, second] = items as [Todo, Todo];
    expect(second.due).toBeNull();

    await run(client, 'Toggle', `, id: "${first.id}"`);
    await run(client, 'SetFilter', ', filter: OPEN');
    const [, , open] = await subscription.take(3);
    expect(open?.todos).toMatchObject({
      changed: ['FILTER', 'VISIBLE'],
      state: { open: 1, visible: [{ title: 'Write a test' }] },
    });

    const moved = await run(client, 'Move', `, id: "${second.id}", to: 0`);
    expect(moved.items.map(({ id }) => id)).toEqual([second.id, first.id]);
    const removed = await run(client, 'Remove', `, id: "${second.id}"`);
    expect(removed.items).toHaveLength(1);
  });

  it('shows each imported todo as it comes', async () => {
    await using examples = startExamples();
    const client = examples.client();
    const subscription = client.subscribe<Diff>(watch);
    await run(client, 'Import', ', titles: ["a", "b", "c"]');
    const diffs = await subscription.take(4);
    expect(diffs.map(({ todos }) => todos.state.items.length)).toEqual([0, 1, 2, 3]);
  });

  it.each<[string, string, string, string]>([
    ['Add', 'title: "  "', 'BAD_USER_INPUT', 'A todo needs a title.'],
    ['Add', 'title: "x", due: "soon"', 'BAD_USER_INPUT', 'Expected a date'],
    ['Move', 'id: "1", to: -1', 'BAD_USER_INPUT', 'A place is 0 or more.'],
    ['Remove', 'id: "1"', 'NOT_FOUND', 'There is no such todo.'],
  ])('refuses %s of %s with a typed error', async (event, args, code, message) => {
    await using examples = startExamples();
    const client = examples.client();
    const query = `mutation ($token: ID!) { todos${event}(token: $token, ${args}) { version } }`;
    const { errors } = await client.execute(query);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions?.['code']).toBe(code);
    expect(errors?.[0]?.message).toContain(message);
    const state = await client.run('query ($token: ID!) { todos(token: $token) { version } }');
    expect(state).toEqual({ todos: { version: 0 } });
  });
});
