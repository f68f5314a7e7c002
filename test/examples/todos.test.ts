import { describe, expect, it, onTestFinished } from 'vitest';
import { createDemo } from '../../examples/demo.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { SocketClient } from '../support/socket-client.ts';

async function startDemo(): Promise<SocketClient> {
  const { server } = createDemo({ logger: silentLogger, pages: 'examples/dist' });
  const url = await server.listen(0, '127.0.0.1');
  const client = new SocketClient(url);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return client;
}

const fields = 'items { id title done due } filter open visible { title }';
const watch = `subscription { todos(token: "T") { changed state { ${fields} } } }`;

describe('the todos example', () => {
  it('adds, toggles, filters, moves and removes', async () => {
    const client = await startDemo();
    const subscription = client.subscribe(watch);
    await subscription.next();
    const run = (mutation: string) =>
      client.run(`mutation { ${mutation} { state { ${fields} } } }`);

    await run('todosAdd(token: "T", title: "  Buy milk ", due: "2026-12-24")');
    const added = await subscription.next();
    expect(added.changed).toEqual(['ITEMS', 'OPEN', 'VISIBLE']);
    expect(added.state).toMatchObject({
      items: [{ title: 'Buy milk', done: false, due: '2026-12-24' }],
      open: 1,
      visible: [{ title: 'Buy milk' }],
    });
    const { state } = await run('todosAdd(token: "T", title: "Write a test")');
    const [first, second] = state.items;
    expect(second.due).toBeNull();

    await run(`todosToggle(token: "T", id: "${first.id}")`);
    await run('todosSetFilter(token: "T", filter: OPEN)');
    const open = await subscription.takeUntil(({ state: { filter } }) => filter === 'OPEN');
    expect(open.at(-1)).toMatchObject({
      changed: ['FILTER', 'VISIBLE'],
      state: { open: 1, visible: [{ title: 'Write a test' }] },
    });

    const moved = await run(`todosMove(token: "T", id: "${second.id}", to: 0)`);
    expect(moved.state.items.map(({ id }: { id: string }) => id)).toEqual([second.id, first.id]);
    const removed = await run(`todosRemove(token: "T", id: "${second.id}")`);
    expect(removed.state.items).toHaveLength(1);
  });

  it('shows each imported todo as it comes', async () => {
    const client = await startDemo();
    const subscription = client.subscribe(watch);
    await subscription.next();
    await client.run('mutation { todosImport(token: "T", titles: ["a", "b", "c"]) { version } }');
    const diffs = await subscription.take(3);
    expect(diffs.map(({ state }) => state.items.length)).toEqual([1, 2, 3]);
  });

  it.each<[string, string, string]>([
    ['todosAdd(token: "T", title: "  ")', 'BAD_USER_INPUT', 'A todo needs a title.'],
    ['todosAdd(token: "T", title: "x", due: "soon")', 'BAD_USER_INPUT', 'Expected a date'],
    ['todosMove(token: "T", id: "1", to: -1)', 'BAD_USER_INPUT', 'A place is 0 or more.'],
    ['todosRemove(token: "T", id: "1")', 'NOT_FOUND', 'There is no such todo.'],
  ])('refuses %s with a typed error', async (mutation, code, message) => {
    const client = await startDemo();
    const { errors } = await client.result(`mutation { ${mutation} { version } }`);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions?.['code']).toBe(code);
    expect(errors?.[0]?.message).toContain(message);
    expect((await client.run('{ todos(token: "T") { version } }')).version).toBe(0);
  });
});

describe('the low-level example', () => {
  it('shows that it fetches, then what it has fetched', async () => {
    const client = await startDemo();
    const subscription = client.subscribe(
      'subscription { lowLevel(token: "T") { state { result } } }',
    );
    await subscription.next();
    await client.run('mutation { lowLevelFetchData(token: "T") { version } }');
    expect((await subscription.next()).state.result).toBe('Fetching…');
    expect((await subscription.next()).state.result).toMatch(/^Fetched at \d{4}-/);
  });
});
