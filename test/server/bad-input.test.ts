import { memoryStore } from 'statewire';
import { describe, expect, it } from 'vitest';
import { type Lab, type LabBuilder, startLab } from '../support/lab.ts';
import { RawSocket } from '../support/raw-socket.ts';
import type { Result } from '../support/socket-client.ts';

function defineCounter(builder: LabBuilder): void {
  const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Counter.event('add', { args: (t) => ({ by: t.int({ required: true }) }) }).resolve(
    (s, { by }) => {
      s.n += by;
    },
  );
}

const watch = 'subscription { counter(token: "T") { state { n } } }';
const add = 'mutation ($token: ID!, $by: Int!) { counterAdd(token: $token, by: $by) { version } }';

async function overHttp({ url }: Lab, body: unknown): Promise<Result> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return (await response.json()) as Result;
}

interface BadOperation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly code: string;
}

const badOperations: Record<string, BadOperation> = {
  'a syntax error': { query: 'mutation {', code: 'GRAPHQL_PARSE_FAILED' },
  'an unknown field': { query: '{ nothing }', code: 'GRAPHQL_VALIDATION_FAILED' },
  'no token': { query: '{ counter { n } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  'a token that is null': { query: add, variables: { token: null, by: 1 }, code: 'BAD_USER_INPUT' },
  'an empty token': { query: add, variables: { token: '', by: 1 }, code: 'INVALID_TOKEN' },
  'a token of 1 MB': {
    query: add,
    variables: { token: 'x'.repeat(1_000_000), by: 1 },
    code: 'INVALID_TOKEN',
  },
  'a token with {}': { query: add, variables: { token: 'a{}b', by: 1 }, code: 'INVALID_TOKEN' },
  'a token with NUL': {
    query: add,
    variables: { token: 'a\u0000b', by: 1 },
    code: 'INVALID_TOKEN',
  },
  'a token with __proto__': {
    query: add,
    variables: { token: '__proto__', by: 1 },
    code: 'INVALID_TOKEN',
  },
  'an argument of the wrong type': {
    query: add,
    variables: { token: 'T', by: 'many' },
    code: 'BAD_USER_INPUT',
  },
  'an argument out of range': {
    query: add,
    variables: { token: 'T', by: 2 ** 40 },
    code: 'BAD_USER_INPUT',
  },
  'an argument too many': {
    query: 'mutation { counterAdd(token: "T", by: 1, extra: 2) { version } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'an argument too few': {
    query: 'mutation { counterAdd(token: "T") { version } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
};

describe('bad input', () => {
  it.each(Object.entries(badOperations))(
    '%s is a typed error over WebSocket and HTTP, and the other operations live',
    async (_name, { query, variables, code }) => {
      const lab = await startLab(memoryStore, defineCounter);
      const subscription = lab.client.subscribe(watch);
      await subscription.next();

      const answers = [
        await lab.client.result(query, variables),
        await overHttp(lab, { query, variables }),
      ];
      for (const { data, errors } of answers) {
        expect(data ?? null).toBeNull();
        expect(errors).toHaveLength(1);
        expect(errors?.[0]?.extensions).toEqual({ code, retryable: false });
      }

      await lab.client.run(add, { token: 'T', by: 1 });
      expect((await subscription.next()).state.n).toBe(1); // and nothing before it
      expect(lab.failures).toEqual([]);
      expect(lab.logs.filter(({ level }) => level === 'error')).toEqual([]);
    },
  );

  it.each<[string, unknown, number]>([
    ['no JSON', 'nonsense', 4400],
    ['no object', '[]', 4400],
    ['an unknown type', { type: 'shout' }, 4400],
    ['a subscription without a query', { id: '2', type: 'subscribe', payload: {} }, 4400],
    ['an id that is taken', { id: '1', type: 'subscribe', payload: { query: watch } }, 4409],
  ])(
    'a WebSocket message with %s closes only its socket, by the protocol',
    async (_name, message, code) => {
      const { url, client, app } = await startLab(memoryStore, defineCounter);
      const other = client.subscribe(watch);
      await other.next();
      const raw = await RawSocket.ready(url);
      raw.subscribe('1', watch);
      await raw.answer('1');
      raw.send(message);
      expect((await raw.closed).code).toBe(code);

      await client.run(add, { token: 'T', by: 1 });
      expect((await other.next()).state.n).toBe(1);
      expect(app.subscribers).toBe(1);
    },
  );

  it('a frame that is no WebSocket frame closes its socket and leaves the server alone', async () => {
    const { url, client, logs } = await startLab(memoryStore, defineCounter);
    const raw = await RawSocket.ready(url);
    const { _socket: stream } = raw.socket as unknown as { _socket: NodeJS.WritableStream };
    stream.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    expect((await raw.closed).code).toBe(1002);
    await client.run(add, { token: 'T', by: 1 });
    expect(logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('another subprotocol, and another path, are turned away', async () => {
    const { url } = await startLab(memoryStore, defineCounter);
    const raw = await RawSocket.open(url);
    raw.subscribe('1', watch); // before connection_init
    expect((await raw.closed).code).toBe(4401);
    await expect(RawSocket.open(`${url}/elsewhere`)).rejects.toThrow(/404/);
  });

  it.each(['nonsense', '[]', '{"query": 5}', '{}'])(
    'the HTTP body %s is an error and changes nothing',
    async (body) => {
      const lab = await startLab(memoryStore, defineCounter);
      const { errors } = await overHttp(lab, body);
      expect(errors?.length).toBeGreaterThan(0);
    },
  );

  it('in production, tokens that clients made up are refused', async () => {
    const { client } = await startLab(memoryStore, defineCounter, { development: false });
    const { errors } = await client.result(add, { token: 'T', by: 1 });
    expect(errors?.[0]?.extensions).toEqual({ code: 'INVALID_TOKEN', retryable: false });
    const token = await client.run('mutation { issueToken }');
    const forged = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    expect((await client.result(add, { token: forged, by: 1 })).errors).toEqual(
      errors?.map((error) => expect.objectContaining({ message: error.message })),
    );
    expect(await client.run(add, { token, by: 1 })).toEqual({ version: 1 });
  });
});
