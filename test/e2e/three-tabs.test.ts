import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { RedisServer } from '../support/redis-server.ts';
import { ServerProcess } from '../support/server-process.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { openBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';
import { recordTexts } from './record-texts.ts';

const program = fileURLToPath(new URL('../../examples/start.ts', import.meta.url));
const oneToTen = Array.from({ length: 10 }, (_, index) => `${index + 1} / 10`);

const browser = openBrowser();

async function startProcess(redisUrl: string): Promise<ServerProcess> {
  const server = await ServerProcess.start({ program, env: { STORE: redisUrl, PORT: '0' } });
  onTestFinished(() => server.kill());
  return server;
}

/** A tab of a token that all tabs have. */
async function openTab(url: string): Promise<Page> {
  const page = await openPage(browser(), `${url}/background-task/`, {
    expectedErrors: /WebSocket connection to .* failed/,
    prepare: (opened) =>
      opened.addInitScript(() => sessionStorage.setItem('statewire-token', 'three-tabs')),
  });
  await untilText(page, '#connection', 'live');
  await untilText(page, '#counter', '0 / 10');
  return page;
}

test('two tabs of a token see each step, and so does a third that goes on on another server', async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const [first, second] = await Promise.all([startProcess(redis.url), startProcess(redis.url)]);
  const portOf = ({ url }: ServerProcess) => Number(new URL(url).port);
  const proxy = await TcpProxy.start(portOf(first));
  onTestFinished(() => proxy.close());
  const tabs = [
    await openTab(first.url),
    await openTab(first.url),
    await openTab(`http://127.0.0.1:${proxy.port}`),
  ] as const;
  const seen = await Promise.all(tabs.map((tab) => recordTexts(tab, '#counter')));

  await tabs[0].click('#toggle');
  await untilText(tabs[2], '#counter', '3 / 10');
  proxy.retarget(portOf(second));
  await Promise.all(tabs.map((tab) => untilText(tab, '#counter', '10 / 10')));
  await Promise.all(tabs.map((tab) => untilText(tab, '#toggle', 'Start')));
  for (const texts of seen) expect((await texts()).map(({ text }) => text)).toEqual(oneToTen);

  // The third is on the other server in earnest.
  await tabs[2].click('#clear');
  await first.kill();
  await untilText(tabs[2], '#counter', '0 / 10');
  await untilText(tabs[2], '#connection', 'live');
});
