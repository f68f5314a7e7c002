import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GraphQLError } from 'graphql';
import { createApp, memoryStore } from 'statewire';
import { createServer } from 'statewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBuilder, type LabBuilder, type LabContext, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { type Result, SocketClient } from '../support/socket-client.ts';

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

/** The first result, of an event stream too. */
async function sendOverHttp(url: string, body: unknown): Promise<Result> {
  const aborter = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: aborter.signal,
  });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const data = /^(?:data: )?(\{.*\})$/m.exec(text)?.[1];
    if (!data) continue;
    aborter.abort();
    return JSON.parse(data);
  }
  throw new Error(`Expected a result, got ${text}`);
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
        await sendOverHttp(lab.url, { query, variables }),
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
    ['a type that only servers send', { id: '1', type: 'next', payload: {} }, 4400],
    ['a subscription without a query', { id: '2', type: 'subscribe', payload: {} }, 4400],
    ['an id that is taken', { id: '1', type: 'subscribe', payload: { query: watch } }, 4409],
  ])(
    'a WebSocket message with %s closes only its socket, by the protocol',
    async (_name, message, code) => {
      const { url, client, app, logs } = await startLab(memoryStore, defineCounter);
      const other = client.subscribe(watch);
      await other.next();
      const raw = await RawSocket.ready(url);
      raw.subscribe('1', watch);
      await raw.answer('1');
      raw.send(message);
      expect((await raw.closed).code).toBe(code);
      expect(logs.filter(({ level }) => level === 'error')).toEqual([]);

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
      const { errors } = await sendOverHttp(lab.url, body);
      expect(errors?.length).toBeGreaterThan(0);
    },
  );

  it('errors of handlers and of the context are masked in production, the same on every transport', async () => {
    const builder = createBuilder();
    const S = builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    S.event('fail').resolve(() => {
      throw new Error('a secret');
    });
    builder.objectField(S, 'failing', (t) =>
      t.string({
        nullable: true,
        resolve: () => {
          throw new Error('a secret');
        },
      }),
    );
    let contextFails = false;
    const told: string[] = [];
    const logged: string[] = [];
    const app = createApp<LabContext>({
      schema: builder.toSchema(),
      store: memoryStore(),
      development: false,
      onError: (error) => told.push((error as Error).message),
      logger: { ...silentLogger, error: (_details, message) => logged.push(message) },
    });
    const server = createServer(app, {
      handleSignals: false,
      context: () => {
        if (contextFails) throw new Error('a secret');
        return {};
      },
    });
    const url = await server.listen(0, '127.0.0.1');
    const client = new SocketClient(url);
    onTestFinished(async () => {
      await client.close();
      await server.close();
    });
    const variables = { t: app.issueToken() };
    const masked = [
      expect.objectContaining({
        message: 'Unexpected error.',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      }),
    ];
    const operations = [
      'mutation ($t: ID!) { sFail(token: $t) { version } }',
      'query ($t: ID!) { s(token: $t) { failing } }',
      'subscription ($t: ID!) { s(token: $t) { state { failing } } }',
    ];
    for (contextFails of [false, true]) {
      for (const query of operations) {
        const overSocket = await client.result(query, variables);
        const overHttp = await sendOverHttp(url, { query, variables });
        expect(overSocket.errors).toEqual(masked);
        expect(overHttp.errors).toEqual(masked);
      }
    }
    // The handler's two failures went to onError; two fields and three contexts to the log, twice each.
    expect(told).toEqual(['a secret', 'a secret']);
    expect(logged).toEqual(Array(10).fill('unexpected error while an operation was executed'));
  });

  it('errors that users throw for clients keep their code, or get one', async () => {
    const { client } = await startLab(memoryStore, (builder) => {
      const S = builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
      S.event('quota').resolve(() => {
        throw new GraphQLError('Too many.', { extensions: { code: 'QUOTA' } });
      });
      S.background('task').resolve(async () => {
        throw new GraphQLError('Too many.', { extensions: { code: 'QUOTA' } });
      });
      builder.objectField(S, 'denied', (t) =>
        t.string({
          nullable: true,
          resolve: () => {
            throw new GraphQLError('Not yours.');
          },
        }),
      );
    });
    const quota = await client.result('mutation { sQuota(token: "T") { version } }');
    expect(quota.errors).toMatchObject([{ message: 'Too many.', extensions: { code: 'QUOTA' } }]);
    for (const query of [
      '{ s(token: "T") { denied } }',
      'subscription { s(token: "T") { state { denied } } }',
    ]) {
      const { errors } = await client.result(query);
      expect(errors).toMatchObject([
        { message: 'Not yours.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      ]);
    }
    await client.run('mutation { sTask(token: "T") { id } }');
    const tasks = '{ tasks(token: "T") { error { code message } } }';
    let error = null;
    while (!error) [{ error }] = await client.run(tasks);
    expect(error).toEqual({ code: 'QUOTA', message: 'Too many.' });
  });

  it('an operation that is not named, of several, is the fault of the request', async () => {
    const { client } = await startLab(memoryStore, defineCounter);
    const { errors } = await client.result('query A { __typename } query B { __typename }');
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', retryable: false });
  });

  it('other origins may read answers in development only', async () => {
    for (const development of [true, false]) {
      const { url } = await startLab(memoryStore, defineCounter, { development });
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://elsewhere.example' },
        body: '{"query":"{ __typename }"}',
      });
      expect(response.headers.has('access-control-allow-origin')).toBe(development);
    }
  });

  it('a refused subscription is an answer, not a failure of the server', async () => {
    const { url } = await startLab(memoryStore, defineCounter, { development: false });
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: watch }),
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/"code":"INVALID_TOKEN","retryable":false/);
  });

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

it('a GraphQLError of another copy of graphql is for the client too', async () => {
  // As a bundler or a test runner may: the package is there a second time.
  const copy = mkdtempSync(join(tmpdir(), 'graphql-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  const [folder] = createRequire(import.meta.url)
    .resolve('graphql')
    .split(/(?<=node_modules.graphql)/);
  cpSync(folder as string, copy, { recursive: true });
  const { GraphQLError: Foreign } = (await import(
    /* @vite-ignore */ pathToFileURL(join(copy, 'error/GraphQLError.mjs')).href
  )) as Pick<typeof import('graphql'), 'GraphQLError'>;
  expect(Foreign).not.toBe(GraphQLError);
  const { client, app } = await startLab(
    memoryStore,
    (builder) => {
      const Cell = builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
      const error = () => new Foreign('Read me.', { extensions: { code: 'MINE' } });
      Cell.event('fail').resolve(() => {
        throw error();
      });
      Cell.background('work').resolve(async () => {
        throw error();
      });
    },
    { development: false, tokenSecret: 'sixteen characters' },
  );
  const token = app.issueToken();
  const { errors } = await client.result(`mutation { cellFail(token: "${token}") { version } }`);
  expect(errors).toMatchObject([{ message: 'Read me.', extensions: { code: 'MINE' } }]);
  const { id } = await client.run(`mutation { cellWork(token: "${token}") { id } }`);
  await noTask(app);
  expect(
    await client.run(`{ task(token: "${token}", id: "${id}") { error { code message } } }`),
  ).toEqual({
    error: { code: 'MINE', message: 'Read me.' },
  });
});
