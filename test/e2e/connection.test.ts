import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { openPage, untilText } from './open-page.ts';
import { startDemo } from './start-demo.ts';

const browser = openBrowser();

test('the index leads to every example, and GraphiQL needs nothing from elsewhere', async () => {
  const { url } = await startDemo();
  const page = await openPage(browser(), url);
  const links = await page
    .locator('main a')
    .evaluateAll((all: HTMLAnchorElement[]) => all.map((link) => link.href));
  expect(links).toHaveLength(8);

  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url)) {
      elsewhere.push(request.url());
    }
  });
  for (const link of links) {
    const response = await page.goto(link);
    expect(response?.status()).toBe(200);
    await page.locator('h1, .graphiql-container').first().waitFor();
  }
  expect(elsewhere).toEqual([]);
});

/** A page that has counted to two, until its server is gone. */
async function outliveServer({
  dataDir,
}: {
  dataDir: string;
}): Promise<{ page: Page; port: number }> {
  const first = await startDemo({ dataDir });
  const page = await openPage(browser(), `${first.url}/background-task/`, {
    expectedErrors: /WebSocket connection to .* failed/,
  });
  await untilText(page, '#connection', 'live');
  await page.click('#toggle');
  await untilText(page, '#counter', '2 / 10');
  await page.click('#toggle');
  await untilText(page, '#toggle', 'Start');
  await untilText(page, '#counter', '2 / 10');

  await first.close();
  await untilText(page, '#connection', 'reconnecting');
  return { page, port: Number(new URL(first.url).port) };
}

test('a page outlives its server: it goes on where it was', async () => {
  const dataDir = temporaryFolder();
  const { page, port } = await outliveServer({ dataDir });
  await startDemo({ port, dataDir });

  await untilText(page, '#connection', 'live');
  await untilText(page, '#counter', '2 / 10');
  await page.click('#toggle');
  await untilText(page, '#counter', '3 / 10');
  await page.click('#toggle');
  await untilText(page, '#toggle', 'Start');
});

test('a page of a server whose states are gone shows what the new one holds', async () => {
  const { page, port } = await outliveServer({ dataDir: temporaryFolder() });
  await startDemo({ port });

  await untilText(page, '#connection', 'live');
  await untilText(page, '#counter', '0 / 10');
  await page.click('#toggle');
  await untilText(page, '#counter', '1 / 10');
  await page.click('#toggle');
  await untilText(page, '#toggle', 'Start');
});

test('a token that the server refuses is replaced', async () => {
  const { url } = await startDemo();
  const page = await openPage(browser(), url);
  await page.evaluate(() => sessionStorage.setItem('statewire-token', '{refused}'));

  await page.goto(`${url}/background-task/`);
  await untilText(page, '#counter', '0 / 10');
  expect(await storedToken()).not.toBe('{refused}');

  // By a mutation too, and the subscription follows.
  await page.evaluate(() => sessionStorage.setItem('statewire-token', '{refused}'));
  await page.click('#toggle');
  await eventually(storedToken).not.toBe('{refused}');
  await untilText(page, '#counter', '1 / 10');
  await page.click('#toggle');
  await untilText(page, '#toggle', 'Start');

  function storedToken(): Promise<string | null> {
    return page.evaluate(() => sessionStorage.getItem('statewire-token'));
  }
});
