import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { expectToGoOn, startPageLab, turnPage, watchNumber, watchPage } from '../support/page.ts';
import type { Data } from '../support/socket-client.ts';
import { SseSubscription } from '../support/sse-client.ts';
import { takeBytes } from '../support/take-bytes.ts';
import { until } from '../support/until.ts';

/** The page's stream, of which nothing is read yet. */
async function openStream(url: string): Promise<IncomingMessage> {
  const headers = { accept: 'text/event-stream', 'content-type': 'application/json' };
  const sent = request(`${url}/graphql`, { method: 'POST', headers });
  sent.end(JSON.stringify({ query: watchPage }));
  const [response] = await once(sent, 'response');
  return response;
}

/** The diffs in what was read of a stream; one that was cut off is none. */
function diffsIn(chunks: readonly Buffer[]): Data[] {
  return String(Buffer.concat(chunks))
    .split('\n\n')
    .slice(0, -1)
    .flatMap((event) => /^data: (.+)$/m.exec(event)?.[1] ?? [])
    .map((data) => JSON.parse(data).data.page);
}

describe('an event stream', () => {
  it('whose client reads slowly stays, also within one big event, and gets as one what it was behind', async () => {
    const textBytes = 20e6;
    const { app, client, url, logs, look } = await startPageLab(textBytes);
    const response = await openStream(url);
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.pause();
    await until(() => app.subscribers === 1, 'the subscription is there');
    for (let i = 0; i < 100; i += 1) await client.run(turnPage);
    for (let taken = 0; taken < 1.5 * textBytes; taken += 4e6) {
      await look();
      response.resume();
      await takeBytes(response, 4e6);
      response.pause();
      expect(app.subscribers).toBe(1);
    }
    response.resume();
    await until(() => Buffer.concat(chunks).length > 3 * textBytes, 'everything has come');
    // The second was made ahead of its time, when there was room for it.
    expect(diffsIn(chunks)).toMatchObject([
      { reset: true, state: { n: 0 } },
      { since: 0, version: 1, state: { n: 1 } },
      { since: 1, version: 100, state: { n: 100 } },
    ]);
    expect(logs.filter(({ level }) => level === 'info')).toEqual([]);
    response.destroy();
  });

  it('whose client stops reading is cut, its subscription at once, and it can go on from its cursor; one that is idle stays', async () => {
    const { app, client, url, logs, look } = await startPageLab(300_000);
    const idle = new SseSubscription(url, watchNumber);
    await idle.next();
    const response = await openStream(url);
    await until(() => app.subscribers === 2, 'the subscription is there');
    for (let i = 0; i < 100; i += 1) await client.run(turnPage);
    await look();
    expect(app.subscribers).toBe(2);
    await look();
    expect(app.subscribers).toBe(1);
    expect(logs.filter(({ level }) => level === 'info')).toMatchObject([
      { message: 'a client takes nothing: its answer is cut' },
    ]);

    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [error] = await once(response, 'error');
    expect(error.message).toBe('aborted');
    const before = diffsIn(chunks);
    expect(before.length).toBeLessThan(100);

    await expectToGoOn(client, before);
    idle.abort();
  });
});
