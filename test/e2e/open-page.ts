import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';

export interface OpenPageOptions {
  /** Console errors that belong to what the test does. */
  readonly expectedErrors?: RegExp;
  /** Called before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Opens a page in a tab of its own. The test fails if the page reports an error or a warning. */
export async function openPage(
  browser: Browser,
  url: string,
  { expectedErrors, prepare }: OpenPageOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 960, height: 540 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`page error: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    const type = message.type();
    if (!['error', 'warning'].includes(type) || expectedErrors?.test(message.text())) return;
    problems.push(`console ${type}: ${message.text()} ${message.location().url}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });
  await prepare?.(page);
  await page.goto(url);
  return page;
}

/** Waits until the first element that matches has exactly this text. */
export async function untilText(page: Page, selector: string, text: string): Promise<void> {
  const locator = page.locator(selector).first();
  await eventually(() => locator.textContent()).toBe(text);
}
