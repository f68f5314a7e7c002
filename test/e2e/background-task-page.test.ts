import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';
import { recordTexts } from './record-texts.ts';
import { startDemo } from './start-demo.ts';

const screenshot = fileURLToPath(new URL('../../docs/images/demo.png', import.meta.url));
const oneToTen = Array.from({ length: 10 }, (_, index) => `${index + 1} / 10`);

const browser = useBrowser();

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
  expect(await page.locator('#progress').evaluate((bar: HTMLProgressElement) => bar.value)).toBe(
    100,
  );
});

test('Start after the end begins at zero, and Stop stops where the counter is', async () => {
  const page = await openTask();
  await page.click('#toggle');
  await untilText(page, '#counter', '10 / 10');
  await untilText(page, '#toggle', 'Start');

  await page.click('#toggle');
  await untilText(page, '#counter', '2 / 10');
  await page.click('#toggle');
  await untilText(page, '#toggle', 'Start');
  const stoppedAt = await page.textContent('#counter');

  // A reload shows what the server holds.
  await page.reload();
  await untilText(page, '#toggle', 'Start');
  await expect.poll(() => page.isEnabled('#toggle')).toBe(true);
  expect(await page.textContent('#counter')).toBe(stoppedAt);
});

test('Clear starts the counter again while the task runs', async () => {
  const page = await openTask();
  const seen = await recordTexts(page, '#counter');

  await page.click('#toggle');
  await untilText(page, '#counter', '3 / 10');
  await page.click('#clear');
  await untilText(page, '#counter', '10 / 10');

  const texts = (await seen()).map(({ text }) => text);
  expect(texts.slice(0, 3)).toEqual(oneToTen.slice(0, 3));
  expect(texts.slice(-11)).toEqual(['0 / 10', ...oneToTen]);
});

test('a double click and another click leave one loop', async () => {
  const page = await openTask();
  const seen = await recordTexts(page, '#counter');

  await page.dblclick('#toggle');
  await page.click('#toggle');
  await untilText(page, '#counter', '10 / 10');

  const steps = await seen();
  expect(steps.map(({ text }) => text)).toEqual(oneToTen);
  expectHalfSeconds(steps.slice(1));
});

test('the task goes on while the page is reloaded', async () => {
  const page = await openTask();
  await page.click('#toggle');
  await untilText(page, '#counter', '2 / 10');

  await page.reload();
  await untilText(page, '#toggle', 'Stop');
  const seen = await recordTexts(page, '#counter');
  await untilText(page, '#counter', '10 / 10');

  const texts = (await seen()).map(({ text }) => text);
  expect(texts).toEqual(oneToTen.slice(-texts.length));
});

async function openTask(): Promise<Page> {
  const { url } = await startDemo();
  const page = await openPage(browser(), `${url}/background-task/`);
  await untilText(page, '#connection', 'live');
  await untilText(page, '#counter', '0 / 10');
  return page;
}

/** Timers are never early, and two loops would take half of the time. */
function expectHalfSeconds(steps: readonly { readonly at: number }[]): void {
  const took = (steps.at(-1)?.at ?? 0) - (steps[0]?.at ?? 0);
  const expected = (steps.length - 1) * 500;
  expect(took).toBeGreaterThan(expected * 0.9);
  expect(took).toBeLessThan(expected * 1.5);
}

/** The picture of the README: in the middle of a run. */
async function takeScreenshot(page: Page): Promise<void> {
  await untilText(page, '#counter', '6 / 10');
  await page.screenshot({ path: screenshot });
}
