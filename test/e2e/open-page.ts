import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';

export interface OpenPageOptions {
  /** Console errors that belong to what the test does. */
  readonly expectedErrors?: RegExp;
}

/** Opens a page in a tab of its own. The test fails if the page reports an error. */
export async function openPage(
  browser: Browser,
  url: string,
  { expectedErrors }: OpenPageOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 960, height: 540 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`page error: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' || expectedErrors?.test(message.text())) return;
    problems.push(`console error: ${message.text()} ${message.location().url}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/** Waits until the first element that matches has exactly this text. */
export async function untilText(page: Page, selector: string, text: string): Promise<void> {
  const locator = page.locator(selector).first();
  await eventually(() => locator.textContent()).toBe(text);
}
