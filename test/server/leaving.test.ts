import { once } from 'node:events';
import { createApp, memoryStore } from 'statewire';
import { createServer } from 'statewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBuilder, type LabBuilder, startLab } from '../support/lab.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { SseSubscription } from '../support/sse-client.ts';
import { until } from '../support/until.ts';

function defineCounter(builder: LabBuilder): void {
  const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Counter.event('increment').resolve((s) => {
    s.n += 1;
  });
}

const watch = 'subscription { counter(token: "T") { state { n } } }';

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

describe('a subscriber that leaves while nothing happens leaves nothing behind', () => {
  it.each<[string, (url: string) => Promise<() => void>]>([
    [
      'by completing over WebSocket',
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
      async (url) => {
        const raw = await RawSocket.ready(url);
        raw.subscribe('1', watch);
        await raw.answer('1');
        return () => raw.socket.terminate();
      },
    ],
    [
      'by dropping its event stream',
      async (url) => {
        const stream = new SseSubscription(url, watch);
        expect(await stream.next()).toEqual({ state: { n: 0 } });
        return () => stream.abort();
      },
    ],
  ])('%s', async (_name, subscribe) => {
    const { app, url, logs } = await startLab(memoryStore, defineCounter);
    // The HTTP client of Node keeps timers of its own; let it have them first.
    const warmUp = await subscribe(url);
    warmUp();
    await until(() => app.subscribers === 0, 'the first subscriber is gone');
    await until(() => timers() <= 1, 'no timers but our own poll');
    const before = timers();

    const leave = await Promise.all([subscribe(url), subscribe(url), subscribe(url)]);
    expect(app.subscribers).toBe(3);
    for (const each of leave) each();
    await until(() => app.subscribers === 0, 'every subscriber is gone');
    await until(() => timers() <= Math.max(before, 1), 'every timer is gone');
    expect(logs.filter(({ level }) => level === 'error')).toEqual([]);
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
  it('leaves no timer behind of subscribers whose time to come back is not over', async () => {
    const { app, server, client } = await startLab(memoryStore, (builder) => {
      const Visit = builder.state('Visit', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
      Visit.onDisconnect(() => {}, { graceMs: 3_600_000 });
    });
    const before = timers();
    const subscription = client.subscribe('subscription { visit(token: "T") { version } }');
    await subscription.next();
    await subscription.close();
    await until(() => app.subscribers === 0, 'the subscriber is gone');
    await client.close();
    await server.close();
    await until(() => timers() <= Math.max(before, 1), 'every timer is gone');
  });
});
