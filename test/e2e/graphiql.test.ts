import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { type Data, SocketClient } from '../support/socket-client.ts';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { openPage } from './open-page.ts';
import { startDemo } from './start-demo.ts';

const browser = openBrowser();

async function open(): Promise<{ page: Page; client: SocketClient }> {
  const { url } = await startDemo();
  const page = await openPage(browser(), `${url}/graphql`);
  // The result is shown to where the window ends.
  await page.setViewportSize({ width: 1_600, height: 1_800 });
  await page.locator('#graphiql-session-tab-0').waitFor();
  const client = new SocketClient(url);
  onTestFinished(() => client.close());
  return { page, client };
}

/** Presses play, and chooses an operation of the tab. */
async function run(page: Page, operation: string): Promise<void> {
  await page.click('.graphiql-execute-button');
  await page.getByRole('menuitem', { name: operation, exact: true }).click();
}

/** What GraphiQL shows as the result; undefined while that is no JSON. */
async function result(page: Page): Promise<Data> {
  const lines = await page.locator('.graphiql-response .view-line').evaluateAll((all) =>
    all
      .map((line) => ({ top: line.getBoundingClientRect().top, text: line.textContent }))
      .toSorted((a, b) => a.top - b.top)
      .map(({ text }) => text),
  );
  try {
    return JSON.parse(lines.join(' ').replaceAll('\u00a0', ' ')).data;
  } catch {
    return undefined;
  }
}

test('GraphiQL shows the counter move, also after two seconds without a network', async () => {
  const { page, client } = await open();
  await page.click('#graphiql-session-tab-0');
  await run(page, 'watchMyTask');
  const counter = async () => (await result(page))?.myTask?.state.counter;
  await eventually(counter).toBe(0);
  // Started from elsewhere: a browser on a busy machine may take longer for the clicks than the task runs.
  await client.run('mutation { myTaskToggleRunning(token: "graphiql") { version } }');
  await eventually(counter).toBeGreaterThanOrEqual(2);
  await page.context().setOffline(true);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await page.context().setOffline(false);
  await eventually(counter).toBe(10);
  const read = '{ myTask(token: "graphiql") { counter running } }';
  await expect.poll(() => client.run(read)).toEqual({ counter: 10, running: false });
  await eventually(async () => (await result(page))?.myTask?.state.running).toBe(false);
  await page.click('.graphiql-execute-button[aria-label^="Stop"]');
  await run(page, 'toggleRunning');
  await eventually(async () => (await result(page))?.myTaskToggleRunning).toBeDefined();
});

test('GraphiQL shows a list as the server has it, after each change', async () => {
  const { page, client } = await open();
  await page.click('#graphiql-session-tab-2');
  await run(page, 'watchTodos');
  const shown = async () => (await result(page))?.todos?.state.items;
  await eventually(shown).toEqual([]);
  const read = '{ todos(token: "graphiql") { items { id title done } } }';
  const rows = async () => (await client.run(read)).items;
  const change = async (event: string, variables: Record<string, unknown>) => {
    const types: Record<string, string> = { title: 'String!', id: 'ID!', to: 'Int!' };
    const names = Object.keys(variables);
    await client.run(
      `mutation (${names.map((name) => `$${name}: ${types[name]}`).join(' ')}) {
        ${event}(token: "graphiql" ${names.map((name) => `${name}: $${name}`).join(' ')}) { version }
      }`,
      variables,
    );
    await eventually(shown).toMatchObject(await rows());
  };
  await change('todosAdd', { title: 'first' });
  await change('todosAdd', { title: 'second' });
  await change('todosAdd', { title: 'third' });
  const [first, , third] = await rows();
  await change('todosToggle', { id: first.id });
  await change('todosMove', { id: third.id, to: 0 });
  await change('todosRemove', { id: first.id });
  await change('todosRemove', { id: third.id });
  expect(await rows()).toHaveLength(1);
});
