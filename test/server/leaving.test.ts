import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createApp, memoryStore } from 'statewire';
import { createServer } from 'statewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBuilder, type LabBuilder, startLab } from '../support/lab.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { ServerProcess } from '../support/server-process.ts';
import { SocketClient } from '../support/socket-client.ts';
import { SseSubscription } from '../support/sse-client.ts';
import { until } from '../support/until.ts';

function defineCounter(builder: LabBuilder): void {
  const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Counter.event('increment').resolve((s) => {
    s.n += 1;
  });
}

const watch = 'subscription { counter(token: "T") { state { n } } }';

const program = fileURLToPath(new URL('leaving-program.ts', import.meta.url));

interface Left {
  readonly subscribers: number;
  readonly timers: number;
  readonly errors: number;
}

async function left(url: string, path = '/'): Promise<Left> {
  return (await (await fetch(url + path)).json()) as Left;
}

/** Nothing else sets timers in its process, as a test's own client or another test would. */
async function start(timeToComeBackMs = 0): Promise<ServerProcess> {
  const server = await ServerProcess.start({ program, args: [`${timeToComeBackMs}`] });
  onTestFinished(() => server.kill());
  return server;
}

describe('a subscriber that leaves while nothing happens leaves nothing behind', () => {
  it.each<[string, number, (url: string) => Promise<() => void>]>([
    [
      'by completing over WebSocket',
      0,
      async (url) => {
        const raw = await RawSocket.ready(url);
        raw.subscribe('1', watch);
        await raw.answer('1');
        return () => {
          raw.send({ id: '1', type: 'complete' });
          void raw.until(() => false);
          raw.socket.close();
        };
      },
    ],
    [
      'by dropping its WebSocket',
      0,
      async (url) => {
        const raw = await RawSocket.ready(url);
        raw.subscribe('1', watch);
        await raw.answer('1');
        return () => raw.socket.terminate();
      },
    ],
    [
      'by dropping its event stream',
      // One that is for the answers to all requests goes by itself, later.
      1,
      async (url) => {
        const stream = new SseSubscription(url, watch);
        expect(await stream.next()).toEqual({ state: { n: 0 } });
        return () => stream.abort();
      },
    ],
  ])('%s', async (_name, forAll, subscribe) => {
    const { url } = await start();
    const before = await left(url);
    const leave = await Promise.all([subscribe(url), subscribe(url), subscribe(url)]);
    expect(await left(url)).toMatchObject({ subscribers: 3 });
    for (const each of leave) each();
    await until(async () => (await left(url)).subscribers === 0, 'every subscriber is gone');
    const areGone = async () => (await left(url)).timers <= before.timers + forAll;
    await until(areGone, 'every timer of theirs is gone');
    expect(await left(url)).toMatchObject({ errors: 0 });
  });

  it('also when it leaves while its context is still being made', async () => {
    const builder = createBuilder();
    defineCounter(builder);
    const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true });
    let made = 0;
    let leave = () => {};
    const server = createServer(app, {
      handleSignals: false,
      context: async ({ request }) => {
        leave();
        await once(request.signal, 'abort');
        made += 1;
        return {};
      },
    });
    const url = await server.listen(0, '127.0.0.1');
    onTestFinished(() => server.close());
    for (let i = 0; i < 20; i += 1) {
      const stream = new SseSubscription(url, watch);
      leave = () => stream.abort();
      await stream.next().catch(() => {});
    }
    await until(() => made === 20, 'every context was made');
    await until(() => app.subscribers === 0, 'no subscriber is left');
  });

  it('also when it completes without closing its socket', async () => {
    const { app, url } = await startLab(memoryStore, defineCounter);
    const raw = await RawSocket.ready(url);
    raw.subscribe('1', watch);
    raw.subscribe('2', watch);
    await raw.answer('1');
    await raw.answer('2');
    expect(app.subscribers).toBe(2);
    raw.send({ id: '1', type: 'complete' });
    await until(() => app.subscribers === 1, 'one subscriber is gone');
    raw.subscribe('3', 'mutation { counterIncrement(token: "T") { state { n } } }');
    await raw.until(({ id, payload }) => id === '2' && payload?.data?.counter.state.n === 1);
    expect(raw.received.some(({ id, payload }) => id === '1' && payload.data.counter.state.n)).toBe(
      false,
    );
    raw.socket.close();
  });
});

describe('a server that closes', () => {
  it('ends its process, though the time to come back of its subscribers is not over', async () => {
    const { url, ended } = await start(3_600_000);
    const before = await left(url);
    const client = new SocketClient(url);
    const subscription = client.subscribe(watch);
    await subscription.next();
    await subscription.close();
    await client.close();
    const mayComeBack = async () => {
      const { subscribers, timers } = await left(url);
      return subscribers === 0 && timers === before.timers + 1;
    };
    await until(mayComeBack, 'the subscriber is gone, and may come back');
    await left(url, '/close');
    expect(await ended).toBe('it ended with 0: ');
  });
});
