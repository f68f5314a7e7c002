import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { memoryStore, type SubscriberLag, subscriberLagChannel } from 'statewire';
import { expect, it, onTestFinished } from 'vitest';
import { startLab } from '../support/lab.ts';
import { definePage, turnPage, watchNumber, watchPage } from '../support/page.ts';
import { RawSocket } from '../support/raw-socket.ts';

/** What is published until the test ends. */
function listenForLags(): SubscriberLag[] {
  const lags: SubscriberLag[] = [];
  const onLag = (message: unknown) => lags.push(message as SubscriberLag);
  subscribe(subscriberLagChannel, onLag);
  onTestFinished(() => void unsubscribe(subscriberLagChannel, onLag));
  return lags;
}

it('a subscriber that gets several commits as one diff is told of on the lag channel, one that gets each is not', async () => {
  const { app, client, url } = await startLab(memoryStore, (builder) => {
    definePage(300_000)(builder);
    builder.state('Other', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  });
  const lags = listenForLags();
  const reader = client.subscribe(watchNumber);
  await reader.next();
  for (let i = 0; i < 150; i += 1) await client.run(turnPage);
  expect((await reader.take(150)).at(-1).state.n).toBe(150);
  // Before anybody sleeps: the system's buffers may take a merged diff before it is read.
  expect(lags).toEqual([]);

  const sleeper = await RawSocket.ready(url);
  sleeper.subscribe('1', watchPage);
  sleeper.subscribe('2', 'subscription { states(token: "T") { version diffs { state { id } } } }');
  await sleeper.answer('2');
  sleeper.socket.pause();
  for (let i = 0; i < 150; i += 1) await client.run(turnPage);
  expect((await reader.take(150)).at(-1).state.n).toBe(300);
  sleeper.socket.resume();
  await sleeper.until(({ id, payload }) => id === '1' && payload?.data.page.version === 300);
  await sleeper.until(({ id, payload }) => id === '2' && payload?.data.states.version === 300);
  const gaps = sleeper.received
    .map(({ payload }) => payload?.data.page)
    .filter((diff) => diff && !diff.reset && diff.version - diff.since > 1);
  expect(gaps).toHaveLength(1);
  const commits = gaps[0].version - gaps[0].since;
  expect(commits).toBeGreaterThan(64);
  expect(lags).toContainEqual({ token: app.keyOf('T'), states: ['Page'], commits });
  for (const lag of lags) expect(lag.states).toEqual(['Page']);
  sleeper.socket.terminate();
});
