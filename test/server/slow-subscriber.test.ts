import { memoryStore } from 'statewire';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/test-clock.ts';
import { type LabBuilder, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { RawSocket } from '../support/raw-socket.ts';
import type { Data } from '../support/socket-client.ts';
import { SseSubscription } from '../support/sse-client.ts';
import { until } from '../support/until.ts';

const commits = 20_000;

function defineCounter(builder: LabBuilder): void {
  const Counter = builder.state('Counter', {
    vars: (t) => ({
      n: t.int({ default: 0 }),
      // Enough to fill the buffers between two processes long before the end.
      text: t.string({ default: 'x'.repeat(2_000) }),
    }),
  });
  Counter.background('burst').resolve(async (self) => {
    for (let i = 0; i < commits; i += 1) {
      await self.modifyState((s) => {
        s.n += 1;
      });
    }
  });
}

/** However long the commits take: nobody is closed because it sleeps. */
const patient = { clock: new ManualClock() };

const watch = 'subscription { counter(token: "T") { version since changed state { n text } } }';

it('a subscriber that stops reading costs one pending diff and ends with the exact state; one that reads gets each commit', async () => {
  const { app, client, url } = await startLab(memoryStore, defineCounter, {}, patient);
  const reader = await RawSocket.ready(url);
  const sleeper = await RawSocket.ready(url);
  for (const socket of [reader, sleeper]) {
    socket.subscribe('1', watch);
    await socket.answer('1');
  }
  sleeper.socket.pause();
  await client.run('mutation { counterBurst(token: "T") { id } }');
  await noTask(app, 60_000);
  const last = (socket: RawSocket) => socket.received.at(-1).payload?.data?.counter;
  await until(() => last(reader)?.version === commits, 'the reader has everything');

  const read = reader.received.slice(1).map(({ payload }) => payload.data.counter);
  expect(read).toHaveLength(commits + 1);
  expect(read.map(({ state }) => state.n)).toEqual(
    Array.from({ length: commits + 1 }, (_, i) => i),
  );
  expect(read.slice(1).every(({ since, version }) => since === version - 1)).toBe(true);

  sleeper.socket.resume();
  await until(() => last(sleeper)?.version === commits, 'the sleeper has caught up');
  const slept = sleeper.received.slice(1).map(({ payload }) => payload.data.counter);
  // What the socket's buffers held when it fell behind, and one diff for all the rest.
  expect(slept.length).toBeLessThan(commits / 2);
  expect(slept.at(-1).state.n).toBe(commits);
  expect(slept.at(-1).changed).toEqual(['N']);
  const gaps = slept.slice(1).filter((diff, index) => {
    expect(diff.since).toBe(slept[index].version);
    return diff.version - diff.since > 1;
  });
  expect(gaps).toEqual([slept.at(-1)]);
}, 90_000);

it('an event stream that nobody reads costs one pending diff too', async () => {
  const { app, client, url } = await startLab(memoryStore, defineCounter, {}, patient);
  const sleeper = new SseSubscription(url, watch);
  const slept: Data[] = [await sleeper.next()];
  await client.run('mutation { counterBurst(token: "T") { id } }');
  await noTask(app, 60_000);

  while (slept.at(-1).version < commits) slept.push(await sleeper.next());
  expect(slept.length).toBeLessThan(commits / 2);
  expect(slept.at(-1).state.n).toBe(commits);
  const gaps = slept.slice(1).filter((diff, index) => {
    expect(diff.since).toBe(slept[index].version);
    return diff.version - diff.since > 1;
  });
  expect(gaps).toEqual([slept.at(-1)]);
  sleeper.abort();
}, 90_000);
