import { randomUUID } from 'node:crypto';
import { createApp, memoryStore } from 'statewire';
import { describe, expect, it } from 'vitest';
import { createBuilder, type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';

const production = { development: false, tokenSecret: 'the secret of this server' };

function defineCounter(builder: LabBuilder): void {
  const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  Counter.event('add', { args: (t) => ({ by: t.int({ required: true }) }) }).resolve(
    (s, { by }) => {
      s.n += by;
    },
  );
  Counter.background('addLater', { args: (t) => ({ by: t.int({ required: true }) }) }).resolve(
    async (self, { by }) => {
      await self.modifyState((s) => {
        s.n += by;
      });
    },
  );
}

/** A token that another server issued. */
function foreignToken(tokenSecret: string): string {
  const builder = createBuilder();
  defineCounter(builder);
  const app = createApp({
    ...production,
    tokenSecret,
    schema: builder.toSchema(),
    store: memoryStore(),
  });
  return app.issueToken();
}

/** Not the last character: base64url ignores two of its bits. */
function withBadMac(token: string): string {
  return `${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)}`;
}

const add =
  'mutation ($token: ID!, $by: Int = 1) { counterAdd(token: $token, by: $by) { version } }';
const addLater =
  'mutation ($token: ID!, $by: Int = 1) { counterAddLater(token: $token, by: $by) { id } }';
const read = 'query ($token: ID!) { counter(token: $token) { n version } }';
const watch = 'subscription ($token: ID!) { counter(token: $token) { version state { n } } }';
const cancel = 'mutation ($token: ID!, $id: ID!) { cancelTask(token: $token, id: $id) { id } }';
const everyOperation = [
  ...[add, addLater, read, watch, cancel],
  'query ($token: ID!, $id: ID!) { task(token: $token, id: $id) { id } }',
  'query ($token: ID!) { tasks(token: $token) { id } }',
];

interface Refusal {
  readonly code: string;
  readonly operations: readonly string[];
  readonly variables: (token: string) => Record<string, unknown>;
}

const badToken = (make: (token: string) => string): Refusal => ({
  code: 'INVALID_TOKEN',
  operations: everyOperation,
  variables: (token) => ({ token: make(token) }),
});

const refusals: Record<string, Refusal> = {
  'a token with a bad MAC': badToken(withBadMac),
  'a token with the MAC of another': badToken((token) => {
    const [, mac] = foreignToken(production.tokenSecret).split('..');
    return `${token.split('..')[0]}..${mac}`;
  }),
  'a token of another secret': badToken(() => foreignToken('the secret of another server')),
  'a token that was given a principal': badToken((token) => token.replace('..', '.alice.')),
  'a token that a client made up': badToken(() => 'T'),
  'a task that nobody knows': {
    code: 'UNKNOWN_TASK',
    operations: [cancel],
    variables: (token) => ({ token }),
  },
  'an argument of the wrong type': {
    code: 'BAD_USER_INPUT',
    operations: [add, addLater],
    variables: (token) => ({ token, by: 'many' }),
  },
  'a literal of the wrong type': {
    code: 'GRAPHQL_VALIDATION_FAILED',
    operations: [add, addLater].map((query) => query.replace('= 1', '= "many"')),
    variables: (token) => ({ token }),
  },
  'an argument that the event does not have': {
    code: 'GRAPHQL_VALIDATION_FAILED',
    operations: [add, addLater].map((query) => query.replace('by: $by', 'by: $by, extra: 2')),
    variables: (token) => ({ token }),
  },
};

export function refusalTests(createStore: StoreFactory): void {
  describe('a production server', () => {
    it.each(Object.entries(refusals))(
      'answers %s with a typed error, and nothing changes (35)',
      async (_name, { code, operations, variables }) => {
        const { app, client, failures } = await startLab(createStore, defineCounter, production);
        const token = await client.run('mutation { issueToken }');
        const subscription = client.subscribe(watch, { token });
        expect((await subscription.next()).version).toBe(0);

        for (const query of operations) {
          const { data, errors } = await client.result(query, {
            id: randomUUID(),
            ...variables(token),
          });
          expect(
            Object.values(data ?? {}).filter((value) => value !== null),
            query,
          ).toEqual([]);
          expect(errors, query).toHaveLength(1);
          expect(errors?.[0]?.extensions, query).toEqual({ code, retryable: false });
        }

        expect(app.backgroundTasks.size).toBe(0);
        expect([...app.tokens()]).toEqual([app.keyOf(token)]);
        expect(failures).toEqual([]);
        expect(await client.run(read, { token })).toEqual({ n: 0, version: 0 });
        // The next commit is the first one, and the first that the subscriber hears of.
        await client.run(add, { token });
        expect(await subscription.next()).toEqual({ version: 1, state: { n: 1 } });
      },
    );
  });
}
