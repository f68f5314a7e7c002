import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium for the tests of one file; it is closed after them. Call it at the top of the file. */
export function openBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => {
    if (!browser) throw new TypeError('Expected the browser to be asked for inside a test.');
    return browser;
  };
}
