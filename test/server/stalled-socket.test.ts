import { describe, expect, it } from 'vitest';
import { expectToGoOn, startPageLab, turnPage, watchPage } from '../support/page.ts';
import { RawSocket } from '../support/raw-socket.ts';
import type { Data } from '../support/socket-client.ts';

/** Subscribed to the page on a socket of its own that takes nothing more. */
async function sleepingSubscriber(url: string): Promise<RawSocket> {
  const raw = await RawSocket.ready(url);
  raw.subscribe('1', watchPage);
  await raw.answer('1');
  raw.socket.pause();
  return raw;
}

describe('a WebSocket', () => {
  it('whose client reads slowly stays, also within one big message, and gets as one what it was behind', async () => {
    const textBytes = 20e6;
    const { app, client, url, logs, look } = await startPageLab(textBytes);
    const raw = await RawSocket.ready(url);
    raw.subscribe('1', watchPage);
    await raw.take(1);
    for (let i = 0; i < 100; i += 1) await client.run(turnPage);
    // Its pong waits behind the snapshot: that it takes bytes is all that tells it from a dead one.
    for (let taken = 0; taken < 1.5 * textBytes; taken += 4e6) {
      await look();
      await raw.take(4e6);
      expect(app.subscribers).toBe(1);
    }
    raw.socket.resume();
    const { payload } = await raw.until(({ payload }) => payload?.data.page.version > 0);
    expect(payload.data.page).toMatchObject({ since: 0, version: 100, state: { n: 100 } });
    expect(logs.filter(({ level }) => level === 'info')).toEqual([]);
    raw.socket.terminate();
  });

  it('whose client stops reading is closed with 1013, its subscriptions at once, and they can go on from their cursor', async () => {
    const { app, client, url, logs, look } = await startPageLab(300_000);
    const raw = await sleepingSubscriber(url);
    for (let i = 0; i < 100; i += 1) await client.run(turnPage);
    await look();
    expect(app.subscribers).toBe(1);
    await look();
    expect(app.subscribers).toBe(0);
    expect(raw.socket.readyState).toBe(raw.socket.OPEN);
    expect(logs.filter(({ level }) => level === 'info')).toMatchObject([
      { message: 'a client takes nothing: its WebSocket is closed' },
    ]);

    // It wakes up, and has not read yet that it was closed.
    raw.subscribe('2', watchPage);
    raw.socket.resume();
    expect(await raw.closed).toEqual({ code: 1013, reason: 'Nothing was taken for too long' });
    const before: Data[] = raw.received.slice(1).map(({ payload }) => payload.data.page);
    expect(before.length).toBeLessThan(100);

    await expectToGoOn(client, before);
    expect(app.subscribers).toBe(1);
  });

  it('whose client is gone without a word is closed, also while the system takes what is sent to it; one that is idle stays', async () => {
    const { app, client, url, look } = await startPageLab(0);
    const idle = client.subscribe(watchPage);
    await idle.next();
    const raw = await sleepingSubscriber(url);
    await look();
    expect(app.subscribers).toBe(2);
    await client.run(turnPage);
    await look();
    expect(app.subscribers).toBe(1);
    raw.socket.terminate();
  });
});
