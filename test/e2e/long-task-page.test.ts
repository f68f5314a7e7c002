import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { generateCsv } from '../../examples/long-task/generate-csv.ts';
import { parseCsv } from '../../examples/long-task/parse-csv.ts';
import { readPayment } from '../../examples/long-task/read-payment.ts';
import { freePort } from '../support/free-port.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { openPage, untilText } from './open-page.ts';
import { recordTexts } from './record-texts.ts';
import { startDemo } from './start-demo.ts';

const browser = openBrowser();

test('an import moves its bar to the end, and shows what it has read', async () => {
  const page = await openImport();
  expect(await page.textContent('#status')).toBe('Not started');
  expect(await page.isDisabled('#cancel')).toBe(true);
  const seen = await recordTexts(page, '#message');

  await start(page, 100);
  await untilText(page, '#status', 'Done');
  await untilText(page, '#message', '100 of 100 rows');
  expect(await bar(page)).toBe(1);
  expect(await page.textContent('#took')).toMatch(/^\d+\.\d s$/);
  await untilText(page, '#counts', '88 imported, 12 skipped, 59,811.29 in all');
  expect(await page.textContent('#skips')).toBe(
    'Skipped: 5 without an email address, 4 without an amount, 3 with a column missing.',
  );
  await eventually(() => page.locator('#last tr td:first-child').allTextContents()).toEqual([
    '100',
    '99',
    '98',
    '97',
    '96',
  ]);
  // The first rows were told on the way.
  expect((await seen()).length).toBeGreaterThan(2);

  await page.click('#clear');
  await untilText(page, '#counts', '0 imported, 0 skipped, 0.00 in all');
  expect(await page.isDisabled('#clear')).toBe(true);
});

test('a second one is refused while the first runs, and the first goes on', async () => {
  const page = await openImport();
  await start(page, 500);
  await untilText(page, '#status', 'Running');
  await start(page, 500);
  await eventually(() => page.textContent('#error')).toMatch(/CONCURRENCY_LIMIT$/);
  expect(await page.textContent('#status')).toBe('Running');
  await cancel(page);
});

test('it goes on while the page is reloaded, and its bar is there at once', async () => {
  const page = await openImport();
  await start(page, 500);
  await untilMoved(page);
  const before = await bar(page);

  await page.reload();
  await untilText(page, '#status', 'Running');
  const after = await bar(page);
  expect(after).toBeGreaterThanOrEqual(before);
  await eventually(() => bar(page)).toBeGreaterThan(after);
  await cancel(page);

  // What has ended is there after a reload too.
  await page.reload();
  await untilText(page, '#status', 'Cancelled');
});

test('cancelled it imports no more, and may be started again', async () => {
  const page = await openImport();
  await start(page, 500);
  await untilMoved(page);
  await cancel(page);
  const stoppedAt = await bar(page);
  expect(stoppedAt).toBeLessThan(1);

  // Longer than the next rows would have taken.
  await page.reload();
  await eventually(() => page.textContent('#counts')).toMatch(/^[1-9]\d* imported/);
  const counts = await page.textContent('#counts');
  await page.reload();
  await untilText(page, '#status', 'Cancelled');
  await untilText(page, '#counts', String(counts));
  expect(await bar(page)).toBe(stoppedAt);
  await start(page, 20);
  await untilText(page, '#status', 'Done');
  await untilText(page, '#message', '20 of 20 rows');
});

test('another tab of the token shows it, and cancels it', async () => {
  const page = await openImport();
  const token = await page.evaluate(() => sessionStorage.getItem('statewire-token') ?? '');
  const other = await openPage(browser(), page.url(), {
    prepare: (opened) =>
      opened.addInitScript((kept) => sessionStorage.setItem('statewire-token', kept), token),
  });
  await start(page, 500);
  await untilMoved(other);
  await cancel(other);
  await untilText(page, '#status', 'Cancelled');
});

test.each([
  ['is stopped', 'stop'],
  ['is killed', 'kill'],
] as const)(
  'it goes on from its checkpoint when the server %s and started again',
  async (_how, end) => {
    const program = {
      program: 'examples/start.ts',
      env: { DATA_DIR: temporaryFolder(), PORT: String(await freePort()) },
    };
    const first = await ServerProcess.start(program);
    const page = await openPage(browser(), `${first.url}/long-task/`, {
      expectedErrors: /WebSocket connection to .* failed/,
    });
    await start(page, 600);
    await untilMoved(page);
    const seen = await recordTexts(page, '#message');
    await first[end]();
    const stoppedAt = Number(/^\d+/.exec((await page.textContent('#message')) ?? '')?.[0]);
    expect(stoppedAt).toBeGreaterThan(0);

    const second = await ServerProcess.start(program);
    onTestFinished(() => second.kill());
    await untilText(page, '#attempt', 'attempt 2');
    await untilText(page, '#status', 'Done');
    await untilText(page, '#message', '600 of 600 rows');
    // Each row once, and none read again that was stored before.
    await untilText(page, '#counts', countsOf(600));
    const rows = (await seen()).map(({ text }) => Number(/^\d+/.exec(text)?.[0]));
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
  },
);

async function openImport(): Promise<Page> {
  const { url } = await startDemo();
  const page = await openPage(browser(), `${url}/long-task/`);
  await untilText(page, '#counts', '0 imported, 0 skipped, 0.00 in all');
  return page;
}

/** What the page says when every row of a file was read once. */
function countsOf(rows: number): string {
  const read = [...parseCsv(generateCsv(rows))].slice(1).map(readPayment);
  const payments = read.filter((each) => typeof each === 'object');
  const sum = payments.reduce((cents, { amount }) => cents + amount, 0) / 100;
  const money = sum.toLocaleString('en-US', { minimumFractionDigits: 2 });
  return `${payments.length} imported, ${rows - payments.length} skipped, ${money} in all`;
}

async function start(page: Page, rows: number): Promise<void> {
  await page.fill('#rows', String(rows));
  await page.click('#import .primary');
}

async function cancel(page: Page): Promise<void> {
  await page.click('#cancel');
  await untilText(page, '#status', 'Cancelled');
}

function bar(page: Page): Promise<number> {
  return page.locator('#progress').evaluate((element: HTMLProgressElement) => element.value);
}

async function untilMoved(page: Page): Promise<void> {
  await eventually(() => bar(page)).toBeGreaterThan(0.1);
}
