import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { openPage, untilText } from './open-page.ts';
import { recordTexts } from './record-texts.ts';
import { startDemo } from './start-demo.ts';

const browser = openBrowser();
const five = ['Buy milk', 'Water the plants', 'Call the dentist', 'Read a chapter', 'Go to bed'];

test('a todo is added with its due date, and the form is ready for the next', async () => {
  const page = await openTodos();

  await page.fill('#title', 'Write the report');
  await page.fill('#due', '2026-01-31');
  await page.press('#title', 'Enter');

  await untilTitles(page, ['Write the report']);
  expect(await page.textContent('#todos time')).toBe('2026-01-31');
  expect(await page.textContent('#open')).toBe('1 open');
  await eventually(() => page.inputValue('#title')).toBe('');
  expect(await page.inputValue('#due')).toBe('');
});

test('what the server refuses is told at the form, with its code', async () => {
  const page = await openTodos();

  await page.getByRole('button', { name: 'Add' }).click();
  await untilText(page, '#error', 'A todo needs a title. BAD_USER_INPUT');
  expect(await page.getAttribute('#title', 'aria-invalid')).toBe('true');

  await page.fill('#title', 'x'.repeat(201));
  await page.press('#title', 'Enter');
  await untilText(page, '#error', 'A title has at most 200 characters. BAD_USER_INPUT');
  expect(await page.inputValue('#title')).toHaveLength(201);

  await page.fill('#title', 'Short');
  await page.press('#title', 'Enter');
  await untilTitles(page, ['Short']);
  await untilText(page, '#error', '');
  expect(await page.getAttribute('#title', 'aria-invalid')).toBe('false');
});

test('an import shows its todos one by one', async () => {
  const page = await openTodos();
  const seen = await recordTexts(page, '#open');

  await page.click('#import');

  await untilTitles(page, five);
  expect((await seen()).map(({ text }) => text)).toEqual([
    '1 open',
    '2 open',
    '3 open',
    '4 open',
    '5 open',
  ]);
});

test('todos are done, filtered and removed', async () => {
  const page = await openTodos();
  await page.click('#import');
  await untilTitles(page, five);

  await page.getByText('Water the plants', { exact: true }).click();
  await page.getByText('Read a chapter', { exact: true }).click();
  await untilText(page, '#open', '3 open');

  await page.getByText('Done', { exact: true }).click();
  await untilTitles(page, ['Water the plants', 'Read a chapter']);
  await page.getByLabel('Remove “Water the plants”').click();
  await untilTitles(page, ['Read a chapter']);
  await page.click('#todos input');
  await untilTitles(page, []);
  expect(await page.textContent('#empty')).toBe('Nothing is done.');

  await page.getByText('All', { exact: true }).click();
  await untilTitles(page, ['Buy milk', 'Call the dentist', 'Read a chapter', 'Go to bed']);
});

test('a move passes the todos that the filter hides', async () => {
  const page = await openTodos();
  await page.click('#import');
  await untilTitles(page, five);
  await page.getByText('Water the plants', { exact: true }).click();
  await page.getByText('Open', { exact: true }).click();
  await untilTitles(page, ['Buy milk', 'Call the dentist', 'Read a chapter', 'Go to bed']);

  await page.getByLabel('Move “Call the dentist” up').click();
  await untilTitles(page, ['Call the dentist', 'Buy milk', 'Read a chapter', 'Go to bed']);
  await page.getByLabel('Move “Buy milk” down').click();
  await untilTitles(page, ['Call the dentist', 'Read a chapter', 'Buy milk', 'Go to bed']);
});

test('the keyboard alone moves and removes; the focus stays in the list', async () => {
  const page = await openTodos();
  await page.click('#import');
  await untilTitles(page, five);

  const down = page.getByLabel('Move “Buy milk” down');
  await down.focus();
  await page.keyboard.press('Enter');
  await untilTitles(page, ['Water the plants', 'Buy milk', ...five.slice(2)]);
  expect(await focused(page)).toBe('Move “Buy milk” down');
  await page.keyboard.press('Enter');
  await untilTitles(page, ['Water the plants', 'Call the dentist', 'Buy milk', ...five.slice(3)]);

  await page.getByLabel('Remove “Go to bed”').focus();
  await page.keyboard.press('Enter');
  await untilTitles(page, ['Water the plants', 'Call the dentist', 'Buy milk', 'Read a chapter']);
  expect(await focused(page)).toBe('Remove “Read a chapter”');
});

async function openTodos(): Promise<Page> {
  const { url } = await startDemo();
  const page = await openPage(browser(), `${url}/todos/`);
  await untilText(page, '#open', '0 open');
  return page;
}

async function untilTitles(page: Page, titles: readonly string[]): Promise<void> {
  await eventually(() => page.locator('#todos .title').allTextContents()).toEqual(titles);
}

function focused(page: Page): Promise<string | null> {
  return page.evaluate(() => document.activeElement?.ariaLabel ?? null);
}
