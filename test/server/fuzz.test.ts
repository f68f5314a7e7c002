import { once } from 'node:events';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { memoryStore } from 'statewire';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type LabBuilder, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';

function defineCounter(builder: LabBuilder): void {
  const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Counter.event('increment').resolve((s) => {
    s.n += 1;
  });
  Counter.background('burst').resolve(async (self) => {
    for (let i = 0; i < 20; i += 1) {
      await self.modifyState((s) => {
        s.n += 1;
      });
    }
  });
}

const odd = fc.constantFrom<unknown>(undefined, null, 5, '', [], {}, '__proto__');

const query = fc.constantFrom<unknown>(
  '{',
  '{ counter(token: "T") { n } }',
  'mutation { counterIncrement(token: "T") { version } }',
  'mutation { counterBurst(token: "T") { id } }',
  'subscription { counter(token: "T") { state { n } } }',
  'subscription { counter(token: "T", since: "zz") { version } }',
  'subscription { a: counter(token: "T") { version } b: counter(token: "U") { version } }',
  'query A { __typename } query B { __typename }',
  'fragment F on Query { ...F } { ...F }',
);

const message = fc.oneof(
  { weight: 8, arbitrary: operation() },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('ping', 'pong', 'next', 'error') }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('complete'), id: fc.constantFrom('1') }) },
  { weight: 1, arbitrary: fc.anything() },
);

function operation() {
  return fc.record({
    type: fc.constant('subscribe'),
    id: fc.constantFrom<unknown>('1', '2', '3', '4', '', 5, '__proto__'),
    payload: fc.record({
      query: fc.oneof({ weight: 6, arbitrary: query }, { weight: 1, arbitrary: odd }),
      variables: odd,
      operationName: odd,
      extensions: odd,
    }),
  });
}

describe('whatever a client sends, the server lives, and nothing of it is left', () => {
  it('over WebSocket', async () => {
    const { app, url, client, logs } = await startLab(memoryStore, defineCounter);
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        async (messages, init, abrupt) => {
          const socket = new WebSocket(
            `${url.replace('http', 'ws')}/graphql`,
            'graphql-transport-ws',
          );
          socket.on('error', () => {});
          await once(socket, 'open');
          if (init) socket.send('{"type":"connection_init"}');
          for (const each of messages) socket.send(JSON.stringify(each) ?? 'undefined');
          if (abrupt) {
            socket.terminate();
          } else if (socket.readyState === WebSocket.OPEN) {
            socket.ping();
            await Promise.race([once(socket, 'pong'), once(socket, 'close')]);
            socket.close();
          }
        },
      ),
      { numRuns: 300 },
    );
    await until(() => app.subscribers === 0, 'no subscriber is left');
    await noTask(app);
    expect(await client.run('{ counter(token: "U") { n } }')).toEqual({ n: 0 });
    expect(logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    'GET /graphql HTTP/1.1\r\nHost: %%%\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    'GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n',
    'GET //[ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'GET /graphql HTTP/1.1\r\nHost: %%%\r\nAccept: text/html\r\n\r\n',
    'GET //[ HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /graphql HTTP/1.1\r\nHost: a b\r\nContent-Length: 100\r\n\r\n{',
    'garbage\r\n\r\n',
  ])('over a bare socket: %j', async (request) => {
    const { url, client } = await startLab(memoryStore, defineCounter);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(request);
    socket.end();
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    socket.destroy();
    expect(await client.run('{ counter(token: "U") { n } }')).toEqual({ n: 0 });
  });
});
