import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { GraphQLError } from 'graphql';
import { createApp, memoryStore } from 'statewire';
import { createHandler, createServer } from 'statewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBuilder, type LabContext } from '../../support/lab.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { type Answer, post } from './post.ts';

/** A server, and a count of the requests that have gone yoga's own way: it tells of its steps. */
async function start(development: boolean) {
  const builder = createBuilder();
  builder.scalarType('BigInt', { serialize: (value) => value });
  const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Counter.event('add', { args: (t) => ({ by: t.int({ required: true }) }) }).resolve(
    (s, { by }, { user }) => {
      if (user === 'thief') throw new Error('a secret');
      s.n += by;
    },
  );
  const nullable = true;
  builder.objectField(Counter, 'user', (t) =>
    t.string({ nullable, resolve: (_counter, _args, { user }) => user ?? null }),
  );
  builder.objectField(Counter, 'failing', (t) =>
    t.string({
      nullable,
      resolve: () => {
        throw new Error('a secret');
      },
    }),
  );
  builder.objectField(Counter, 'teapot', (t) =>
    t.string({
      nullable,
      resolve: () => {
        const http = { status: 418, headers: { 'x-kind': 'teapot' } };
        throw new GraphQLError('I am a teapot', { extensions: { code: 'TEAPOT', http } });
      },
    }),
  );
  builder.objectField(Counter, 'unwritable', (t) =>
    t.field({ type: 'BigInt', nullable, resolve: () => 2n }),
  );
  builder.objectField(Counter, 'context', (t) =>
    t.stringList({
      resolve: (_counter, _args, context) => {
        const { request, params } = context as unknown as {
          readonly request: Request;
          readonly params: object;
        };
        const { signal } = request;
        return [
          ...Object.keys(context).sort(),
          ...Object.keys(params),
          ...[request.url, request.method, String(signal.aborted)],
        ];
      },
    }),
  );
  let steps = 0;
  const app = createApp<LabContext>({
    schema: builder.toSchema(),
    store: memoryStore(),
    development,
    tokenSecret: 'the secret of a test',
    logger: {
      ...silentLogger,
      debug: (_details, message) => {
        if (message === 'graphql') steps += 1;
      },
    },
  });
  const server = createServer(app, {
    handleSignals: false,
    context: async ({ request, connectionParams }) => {
      const user = request.headers.get('x-user') ?? 'nobody';
      if (user === 'stranger')
        throw new GraphQLError('Who are you?', { extensions: { code: 'WHO' } });
      if (user === 'breaker') throw new Error('a secret');
      return { user: `${user} ${connectionParams}` };
    },
  });
  const url = await server.listen(0, '127.0.0.1');
  onTestFinished(() => server.close());
  return { app, url, steps: () => steps };
}

interface Case {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: (token: string) => unknown;
  /** Who is to answer it when it comes again. */
  readonly way: 'plain' | "yoga's";
}

const add = 'mutation ($token: ID!, $by: Int!) { counterAdd(token: $token, by: $by) { version } }';

const ask = (selection: string) => (token: string) => ({
  query: `query ($token: ID!) { counter(token: $token) { ${selection} } }`,
  variables: { token },
});

const addOne = (token: string) => ({ query: add, variables: { token, by: 1 } });

const accept = (types: string): Case => ({
  headers: { accept: types },
  body: addOne,
  way: 'plain',
});

const twoOperations = 'query A { counter(token: "") { n } } query B { counter(token: "") { n } }';

const cases: Record<string, Case> = {
  'a mutation': { body: addOne, way: 'plain' },
  'a query': { body: ask('n user'), way: 'plain' },
  'a query for what is in its context': { body: ask('context'), way: 'plain' },
  'a query with everything': {
    body: (token) => ({ ...ask('n')(token), operationName: null, extensions: { a: 1 } }),
    way: 'plain',
  },
  'a user of its context': { headers: { 'x-user': 'Ann' }, body: ask('user'), way: 'plain' },
  'a charset': {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: addOne,
    way: 'plain',
  },
  'a client that takes JSON': accept('application/json'),
  'a client that takes the newer JSON': accept('application/graphql-response+json'),
  'a client that takes both': accept('application/graphql-response+json, application/json;q=0.9'),
  'a client that takes both, the older first': accept('application/json,application/*'),
  'a client that takes anything': accept('text/html, */*;q=0.1'),
  'a client that takes streams too': accept('text/event-stream, multipart/mixed, application/json'),
  'a client that takes another charset': accept('application/json;charset=latin1, */json'),
  'a client that takes streams': { ...accept('text/event-stream'), way: "yoga's" },
  'a client that takes pictures': { ...accept('image/png'), way: "yoga's" },
  'an origin': { headers: { origin: 'http://elsewhere.test' }, body: addOne, way: 'plain' },
  'a resolver that fails': { body: ask('n failing'), way: 'plain' },
  'a resolver that fails, for the newer JSON': {
    headers: { accept: 'application/graphql-response+json' },
    body: ask('n failing'),
    way: 'plain',
  },
  'an error with a status': { body: ask('teapot'), way: 'plain' },
  'an event that fails': { headers: { 'x-user': 'thief' }, body: addOne, way: 'plain' },
  'a context that refuses': { headers: { 'x-user': 'stranger' }, body: addOne, way: 'plain' },
  'a context that fails': { headers: { 'x-user': 'breaker' }, body: addOne, way: 'plain' },
  'a result that is no JSON': { body: ask('unwritable'), way: 'plain' },
  'a token that is none': { body: () => addOne(''), way: 'plain' },
  'a variable of another type': {
    body: (token) => ({ query: add, variables: { token, by: 'many' } }),
    way: 'plain',
  },
  'no variables': { body: () => ({ query: add }), way: 'plain' },
  'a subscription': {
    body: () => ({ query: 'subscription { counter(token: "") { state { n } } }' }),
    way: "yoga's",
  },
  'several operations': { body: () => ({ query: twoOperations }), way: "yoga's" },
  'one of several operations': {
    body: () => ({ query: twoOperations, operationName: 'B' }),
    way: 'plain',
  },
  'an operation that is not there': {
    body: () => ({ query: twoOperations, operationName: 'C' }),
    way: "yoga's",
  },
  'a name that is none': {
    body: (token) => ({ ...addOne(token), operationName: 5 }),
    way: "yoga's",
  },
  'a syntax error': { body: () => ({ query: 'mutation {' }), way: "yoga's" },
  'an unknown field': { body: () => ({ query: '{ nothing }' }), way: "yoga's" },
  'a parameter too many': { body: (token) => ({ ...addOne(token), more: 1 }), way: "yoga's" },
  'variables that are none': { body: () => ({ query: add, variables: [1] }), way: "yoga's" },
  'no query': { body: () => ({}), way: "yoga's" },
  'a batch': { body: (token) => [addOne(token)], way: "yoga's" },
  null: { body: () => null, way: "yoga's" },
  nonsense: { body: () => 'nonsense', way: "yoga's" },
  'nothing at all': { body: () => '', way: "yoga's" },
  'a form': {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: () => 'query={__typename}',
    way: "yoga's",
  },
  'a type that is unknown': {
    headers: { 'content-type': 'text/plain' },
    body: addOne,
    way: "yoga's",
  },
};

/** In development answers say where an error was thrown, which is where yoga or the server has called from. */
function withoutStack({ status, headers, body }: Answer): Answer {
  const short = body.replace(/"stack":"[^"]*"/, '"stack":""');
  const cut = body.length - short.length;
  const lengthOf = (value: string) => (cut > 0 ? `${Number(value) - cut}` : value);
  return {
    status,
    headers: headers.map((value, index) =>
      headers[index - 1] === 'content-length' ? lengthOf(value) : value,
    ),
    body: short,
  };
}

describe.each([
  ['development', true],
  ['production', false],
])('over HTTP in %s', (_name, development) => {
  it.each(Object.entries(cases))(
    '%s is answered to the byte as yoga does it',
    async (_case, { headers = {}, body, way }) => {
      const { app, url, steps } = await start(development);
      const send = (hasLength: boolean) => {
        const given = body(app.issueToken());
        const text = typeof given === 'string' ? given : JSON.stringify(given);
        return post(url, { body: text, headers, hasLength });
      };
      const countSteps = async (work: Promise<Answer>) => {
        const before = steps();
        const answer = withoutStack(await work);
        return { answer, steps: steps() - before };
      };
      // Yoga does whatever does not say how long it is, and each document once.
      const first = await countSteps(send(true));
      const again = await countSteps(send(true));
      const chunked = await countSteps(send(false));
      expect(first.steps).toBeGreaterThan(0);
      expect(again.steps === 0 ? 'plain' : "yoga's").toBe(way);
      expect(chunked.steps).toBeGreaterThan(0);
      expect(again.answer).toEqual(first.answer);
      expect(chunked.answer).toEqual(first.answer);
    },
  );
});

it('a body that the server around it has parsed is taken as it is', async () => {
  const { app } = await start(false);
  const around = express().use(express.json(), createHandler(app).request);
  const http = around.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => void http.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const body = JSON.stringify(addOne(app.issueToken()));
  for (const hasLength of [true, false]) {
    const answer = await post(url, { body, hasLength });
    expect(JSON.parse(answer.body)).toEqual({
      data: { counterAdd: { version: hasLength ? 1 : 2 } },
    });
  }
});
