import { expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { openPage, untilText } from './open-page.ts';
import { recordTexts } from './record-texts.ts';
import { startDemo } from './start-demo.ts';

const browser = openBrowser();

test('Fetch data shows at once that it fetches, and the data when it is there', async () => {
  const { url } = await startDemo();
  const page = await openPage(browser(), `${url}/low-level-api/`);
  await untilText(page, '#result', 'Nothing fetched yet.');
  const seen = await recordTexts(page, '#result');

  await page.click('#fetch');
  await eventually(() => page.textContent('#result')).toMatch(/^Fetched at \d{4}-/);

  expect((await seen()).map(({ text }) => text)).toEqual([
    'Fetching…',
    expect.stringMatching(/^Fetched at /),
  ]);
});
