import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';
import { recordTexts } from './record-texts.ts';
import { startDemo } from './start-demo.ts';

const screenshot = fileURLToPath(new URL('../../docs/images/demo.png', import.meta.url));
const oneToTen = Array.from({ length: 10 }, (_, index) => `${index + 1} / 10`);

const browser = openBrowser();

test('Start counts to ten, a step each half second, and is there again afterwards', async () => {
  const page = await openTask();
  const seen = await recordTexts(page, '#counter');

  await page.click('#toggle');
  await untilText(page, '#toggle', 'Stop');
  if (process.env['UPDATE_SCREENSHOT'] === '1') await takeScreenshot(page);
  await untilText(page, '#counter', '10 / 10');
  await untilText(page, '#toggle', 'Start');

  const steps = await seen();
  expect(steps.map(({ text }) => text)).toEqual(oneToTen);
  expectHalfSeconds(steps);
  expect(await page.getAttribute('#progress', 'value')).toBe('100');

  // From the end it goes on when it is cleared.
  expect(await page.isDisabled('#toggle')).toBe(true);
  await page.click('#clear');
  await page.click('#toggle');
  await untilText(page, '#counter', '1 / 10');
  await stop(page);
});

test('Stop stops where the counter is, and Start goes on from there', async () => {
  const page = await openTask();
  await page.click('#toggle');
  await untilText(page, '#counter', '2 / 10');
  await stop(page);
  const stoppedAt = await page.textContent('#counter');

  // A reload shows what the server holds.
  await page.reload();
  await untilText(page, '#connection', 'live');
  await untilText(page, '#counter', String(stoppedAt));
  const seen = await recordTexts(page, '#counter');
  await page.click('#toggle');
  await untilText(page, '#counter', '4 / 10');
  await stop(page);

  expect((await seen())[0]?.text).toBe(stoppedAt === '2 / 10' ? '3 / 10' : '4 / 10');
});

test('Clear starts the counter again while the task runs', async () => {
  const page = await openTask();
  const seen = await recordTexts(page, '#counter');

  await page.click('#toggle');
  await untilText(page, '#counter', '3 / 10');
  await page.click('#clear');
  await untilText(page, '#counter', '2 / 10');
  await stop(page);

  const texts = (await seen()).map(({ text }) => text);
  const cleared = texts.indexOf('0 / 10');
  expect(texts.slice(0, 3)).toEqual(oneToTen.slice(0, 3));
  expect(texts.slice(cleared, cleared + 3)).toEqual(['0 / 10', '1 / 10', '2 / 10']);
});

test('a double click and another click leave one loop', async () => {
  const page = await openTask();
  const seen = await recordTexts(page, '#counter');

  await page.dblclick('#toggle');
  await page.click('#toggle');
  await untilText(page, '#counter', '7 / 10');
  await stop(page);

  const steps = (await seen()).slice(0, 7);
  expect(steps.map(({ text }) => text)).toEqual(oneToTen.slice(0, 7));
  expectHalfSeconds(steps);
});

test('the task goes on while the page is reloaded', async () => {
  const page = await openTask();
  await page.click('#toggle');
  await untilText(page, '#counter', '2 / 10');

  await page.reload();
  await untilText(page, '#toggle', 'Stop');
  await untilText(page, '#counter', '5 / 10');
  await stop(page);
});

test('the counter with a limit runs beside it, and leaves it alone', async () => {
  const page = await openTask();
  const seen = await recordTexts(page, '#limited-counter');

  await page.dblclick('#limited-toggle');
  await page.click('#limited-toggle');
  await untilText(page, '#limited-counter', '5 / 10');
  await page.click('#limited-toggle');
  await untilText(page, '#limited-toggle', 'Start');

  const steps = (await seen()).slice(0, 5);
  expect(steps.map(({ text }) => text)).toEqual(oneToTen.slice(0, 5));
  expectHalfSeconds(steps);
  await page.click('#limited-clear');
  await untilText(page, '#limited-counter', '0 / 10');
  expect(await page.textContent('#counter')).toBe('0 / 10');
});

async function openTask(): Promise<Page> {
  const { url } = await startDemo();
  const page = await openPage(browser(), `${url}/background-task/`);
  await untilText(page, '#connection', 'live');
  await untilText(page, '#counter', '0 / 10');
  await untilText(page, '#limited-counter', '0 / 10');
  return page;
}

async function stop(page: Page): Promise<void> {
  await page.click('#toggle');
  await untilText(page, '#toggle', 'Start');
}

/** Timers are never early, and two loops would take half of the time. */
function expectHalfSeconds(steps: readonly { readonly at: number }[]): void {
  const took = (steps.at(-1)?.at ?? 0) - (steps[0]?.at ?? 0);
  const expected = (steps.length - 1) * 500;
  expect(took).toBeGreaterThan(expected * 0.9);
  expect(took).toBeLessThan(expected * 3);
}

/** The picture of the README: in the middle of a run. */
async function takeScreenshot(page: Page): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await untilText(page, '#counter', '6 / 10');
  await page.screenshot({ path: screenshot });
}
