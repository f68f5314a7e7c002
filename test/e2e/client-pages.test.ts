import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SocketClient } from '../support/socket-client.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { HeldFrames } from './held-frames.ts';
import { type OpenPageOptions, openPage, untilText } from './open-page.ts';
import { recordTexts } from './record-texts.ts';
import { startDemo } from './start-demo.ts';

const browser = openBrowser();

interface Opened {
  readonly page: Page;
  readonly proxy: TcpProxy;
  /** What the server holds of the page's token. */
  readonly server: { rows(): Promise<unknown>; counter(): Promise<number> };
}

/** A page whose connections can be cut, and a client that goes to the server directly. */
async function open(name: string, options: OpenPageOptions = {}): Promise<Opened> {
  const { url } = await startDemo();
  const proxy = await TcpProxy.start(Number(new URL(url).port));
  const page = await openPage(browser(), `http://127.0.0.1:${proxy.port}/${name}/`, options);
  onTestFinished(() => proxy.close());
  await untilText(page, '#connection', 'live');
  await untilText(page, '#counter', '0 / 10');
  const token = await page.evaluate(() => sessionStorage.getItem('statewire-token'));
  const client = new SocketClient(url);
  onTestFinished(() => client.close());
  const rows = 'query ($token: ID!) { todos(token: $token) { items { id title done } } }';
  const counter = 'query ($token: ID!) { myTask(token: $token) { counter } }';
  return {
    page,
    proxy,
    server: {
      rows: async () => (await client.run(rows, { token })).items,
      counter: async () => (await client.run(counter, { token })).counter,
    },
  };
}

/** The rows as the page shows them, out of its cache. */
function shownRows(page: Page): Promise<unknown> {
  return page.locator('#todos li').evaluateAll((rows) =>
    rows.map((row) => ({
      id: row.getAttribute('data-id'),
      title: row.querySelector('.title')?.textContent,
      done: row.querySelector('input')?.checked,
    })),
  );
}

/** How many rows were shown as done, each time that changed. */
async function recordDoneCounts(page: Page): Promise<() => Promise<number[]>> {
  const counts = await page.evaluateHandle(() => {
    const list = document.querySelector('#todos');
    const count = () => list?.querySelectorAll('li.done').length ?? 0;
    const seen: number[] = [];
    let last = count();
    const observer = new MutationObserver(() => {
      if (count() !== last) seen.push(count());
      last = count();
    });
    if (list) observer.observe(list, { subtree: true, childList: true, attributes: true });
    return seen;
  });
  return () => counts.jsonValue();
}

describe.each(['apollo', 'urql'])('the page with %s', (name) => {
  test('shows the counter move, also after two seconds without a network', async () => {
    const { page, proxy, server } = await open(name);
    const seen = await recordTexts(page, '#counter');
    await page.click('#toggle');
    await untilText(page, '#counter', '2 / 10');
    await page.context().setOffline(true);
    proxy.cut();
    await untilText(page, '#connection', 'reconnecting');
    const before = await page.textContent('#counter');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await page.textContent('#counter')).toBe(before);
    await page.context().setOffline(false);
    await untilText(page, '#connection', 'live');
    await untilText(page, '#counter', '10 / 10');
    await untilText(page, '#toggle', 'Start');
    expect(await server.counter()).toBe(10);
    const texts = (await seen()).map(({ text }) => text);
    expect(texts.length).toBeLessThan(10);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('has in its cache what the server has after each change of a list', async () => {
    const { page, server } = await open(name);
    const steps: (() => Promise<void>)[] = [
      ...['first', 'second', 'third', 'fourth'].map((title) => async () => {
        await page.fill('#title', title);
        await page.click('#add button');
      }),
      () => page.click('#todos li:nth-child(2) input'),
      () => page.click('#todos li:nth-child(4) [aria-label$="up"]'),
      () => page.click('#todos li:nth-child(1) [aria-label$="down"]'),
      () => page.click('#todos li:nth-child(2) [aria-label^="Remove"]'),
      () => page.click('#todos li.done input'),
      () => page.click('#todos li:nth-child(1) [aria-label^="Remove"]'),
      () => page.click('#todos li:nth-child(1) [aria-label^="Remove"]'),
      () => page.click('#todos li:nth-child(1) [aria-label^="Remove"]'),
    ];
    const lengths = [1, 2, 3, 4, 4, 4, 4, 3, 3, 2, 1, 0];
    for (const [index, step] of steps.entries()) {
      const before = JSON.stringify(await server.rows());
      await step();
      await eventually(async () => JSON.stringify(await server.rows())).not.toBe(before);
      const rows = await server.rows();
      expect(rows).toHaveLength(lengths[index] ?? -1);
      await eventually(() => shownRows(page)).toEqual(rows);
    }
  });

  test('shows a change before the server has it, and until the subscription brings it', async () => {
    const frames = new HeldFrames();
    const { page, server } = await open(name, { prepare: (opened) => frames.route(opened) });
    await page.fill('#title', 'a row');
    await page.click('#add button');
    await untilText(page, '#open', '1 open');
    await eventually(() => shownRows(page)).toEqual(await server.rows());
    const doneCounts = await recordDoneCounts(page);

    frames.hold();
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.click('#todos input');
    await page.locator('#todos li.done').waitFor();
    await (await answered).finished();
    expect(await server.rows()).toMatchObject([{ done: true }]);
    // The answer is there, and what counts the open ones is not.
    await eventually(() => frames.held).toBeGreaterThan(0);
    expect(await page.textContent('#open')).toBe('1 open');
    expect(await page.locator('#todos li.done').count()).toBe(1);
    frames.release();
    await untilText(page, '#open', '0 open');
    expect(await shownRows(page)).toEqual(await server.rows());
    // It was never taken back.
    expect(await doneCounts()).toEqual([1]);
  });
});
