import { expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { openPage, untilText } from './open-page.ts';
import { startDemo } from './start-demo.ts';

const browser = openBrowser();

test('a deposit moves the balance; what is refused says why and changes nothing', async () => {
  const { url } = await startDemo();
  const page = await openPage(browser(), `${url}/account/`);
  await untilText(page, '#balance', 'Balance: 0');

  await page.click('text=Deposit');
  await untilText(page, '#balance', 'Balance: 10');
  await page.fill('#amount', '25');
  await page.click('text=Withdraw');
  await eventually(() => page.textContent('#error')).toBe(
    'There is 15 too little in the account. InsufficientFunds',
  );
  await page.fill('#amount', '0');
  await page.click('text=Deposit');
  await eventually(() => page.textContent('#error')).toBe('An amount is 1 or more. BAD_USER_INPUT');
  await page.click('#annotate');
  await eventually(() => page.textContent('#error')).toMatch(/FORBIDDEN$/);
  expect(await page.textContent('#balance')).toBe('Balance: 10');

  await page.fill('#amount', '4');
  await page.click('text=Withdraw');
  await untilText(page, '#balance', 'Balance: 6');
  await eventually(() => page.textContent('#error')).toBe('');
});
