import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { buildSchema, type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { SubscriptionRefusedError } from 'statewire/client';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../examples/sdk/connect.ts';
import * as generated from '../../examples/sdk/generated.ts';
import { LiveSubscriptions } from '../../examples/sdk/live-subscriptions.ts';
import { RequestError } from '../../examples/sdk/request-error.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { spawnTied } from '../support/tied-process.ts';
import { startHttpDemo } from './start-http-demo.ts';

const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));

/** The operations of the generated documents. */
const operations = Object.values(generated as Readonly<Record<string, unknown>>)
  .filter((each): each is DocumentNode => (each as Partial<DocumentNode>).kind === Kind.DOCUMENT)
  .map(({ definitions }) => definitions[0] as OperationDefinitionNode)
  .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);

async function open(headers: Readonly<Record<string, string>> = {}) {
  const url = await startHttpDemo();
  const connection = connect(`${url}/graphql`, { headers, webSocketImpl: WebSocket });
  onTestFinished(() => connection.close());
  return { ...connection, url };
}

/** Runs the tour to its end; to its exit code and what it said, by operation. */
async function runTour(url: string) {
  const child = spawnTied(process.execPath, ['--import', 'tsx', 'examples/sdk/tour.ts', url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const said = new Map<string, string[]>();
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const [, operation = '', text = ''] = /^(\w+) +(.+)$/.exec(line) ?? [];
    said.set(operation, [...(said.get(operation) ?? []), text]);
  }
  const [code] = await exit;
  return { code, said };
}

describe('the SDK', () => {
  it('has an operation for each root field of the schema', () => {
    const used = operations.map(({ operation, selectionSet }) => {
      const [field] = selectionSet.selections;
      return `${operation} ${field?.kind === Kind.FIELD ? field.name.value : ''}`;
    });
    const fields = [
      ...Object.keys(schema.getQueryType()?.getFields() ?? {}).map((name) => `query ${name}`),
      ...Object.keys(schema.getMutationType()?.getFields() ?? {}).map((name) => `mutation ${name}`),
      ...Object.keys(schema.getSubscriptionType()?.getFields() ?? {}).map(
        (name) => `subscription ${name}`,
      ),
    ];
    expect(used.sort()).toEqual(fields.sort());
  });

  it('knows exactly what each operation takes and gives', () => {
    type Sdk = generated.Sdk;
    expectTypeOf<ReturnType<Sdk['account']>>().toEqualTypeOf<
      Promise<{ account: { id: string; version: number; balance: number } }>
    >();
    expectTypeOf<ReturnType<Sdk['watchMyTask']>>().toEqualTypeOf<
      AsyncIterable<generated.WatchMyTaskSubscription>
    >();
    expectTypeOf<generated.WatchMyTaskSubscription['myTask']['changed'][number]>().toEqualTypeOf<
      'COUNTER' | 'MAX_COUNTER' | 'PERCENT' | 'RUNNING'
    >();
    expectTypeOf<generated.WatchMyTaskSubscriptionVariables['since']>().toEqualTypeOf<
      string | null | undefined
    >();
    expectTypeOf<Parameters<Sdk['setFilter']>[0]['filter']>().toEqualTypeOf<
      'ALL' | 'DONE' | 'OPEN'
    >();
  });

  it('is typed without `any`', () => {
    expect(readFileSync('examples/sdk/generated.ts', 'utf8')).not.toMatch(/[:<|,] *any\b/);
  });

  it('goes on tour: every operation, the counter to its end, edits of a list', async () => {
    const { code, said } = await runTour(await startHttpDemo());
    expect(code).toBe(0);
    expect([...said.keys()].sort()).toEqual(operations.map(({ name }) => name?.value).sort());
    expect(said.get('watchMyTask')?.at(0)).toMatch(/^0 of 10/);
    expect(said.get('watchMyTask')?.at(-1)).toMatch(/^10 of 10, 100 %/);
    expect(said.get('withdraw')).toEqual(['refused, 15 too little']);
    expect(said.get('watchAccount')?.at(-1)).toBe('goes on from its cursor: BALANCE to 10');
    expect(said.get('cancelTask')).toEqual(['myTask is CANCELLED']);
    expect(said.get('startMyLimitedTask')).toEqual(['another one is QUEUED']);
    expect(said.get('runImport')?.at(-1)).toBe('refused, CONCURRENCY_LIMIT');
    expect(said.get('watchTasks')?.at(-1)).toBe('SUCCEEDED: 50 of 50 rows');
    expect(said.get('watchImport')).toEqual(['50 rows, 5 skipped']);
    expect(said.get('watchTodos')?.at(-1)).toBe('FILTER,VISIBLE: ✓ Go on tour');
    expect(said.get('todos')).toEqual(['2 in all, 1 shown']);
  });

  it('throws the errors of a query or mutation, with their code', async () => {
    const { sdk } = await open();
    const { issueToken: token } = await sdk.issueToken();
    const denied = sdk.annotate({ token, note: 'watch' });
    await expect(denied).rejects.toBeInstanceOf(RequestError);
    await expect(denied).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(sdk.account({ token: '{refused}' })).rejects.toMatchObject({
      code: 'INVALID_TOKEN',
    });
  });

  it('sends its headers with requests', async () => {
    const { sdk } = await open({ role: 'staff' });
    const { issueToken: token } = await sdk.issueToken();
    const { accountAnnotate } = await sdk.annotate({ token, note: 'watch' });
    expect(accountAnnotate.state.note).toBe('watch');
  });

  it.each(['watchAccount', 'watchTasks'] as const)('throws why %s is refused', async (watch) => {
    const { sdk } = await open();
    const results = sdk[watch]({ token: '{refused}' })[Symbol.asyncIterator]();
    const next = results.next();
    await expect(next).rejects.toBeInstanceOf(SubscriptionRefusedError);
    await expect(next).rejects.toMatchObject({
      errors: [{ extensions: { code: 'INVALID_TOKEN' } }],
    });
  });

  it('goes on from its cursor after its connection was lost', async () => {
    const { sdk, url } = await open();
    const proxy = await TcpProxy.start(Number(new URL(url).port));
    onTestFinished(() => proxy.close());
    const other = connect(`http://127.0.0.1:${proxy.port}/graphql`, { webSocketImpl: WebSocket });
    onTestFinished(() => other.close());
    const { issueToken: token } = await sdk.issueToken();
    const diffs = other.sdk.watchAccount({ token })[Symbol.asyncIterator]();
    expect((await diffs.next()).value.account).toMatchObject({ reset: true, version: 0 });
    proxy.cut();
    await sdk.deposit({ token, amount: 1 });
    const { account } = (await diffs.next()).value;
    expect(account).toMatchObject({ reset: false, since: 0, version: 1, changed: ['BALANCE'] });
  });

  it('begins anew without a cursor: the tasks that are listed', async () => {
    const { sdk, url } = await open();
    const proxy = await TcpProxy.start(Number(new URL(url).port));
    onTestFinished(() => proxy.close());
    const other = connect(`http://127.0.0.1:${proxy.port}/graphql`, { webSocketImpl: WebSocket });
    onTestFinished(() => other.close());
    const { issueToken: token } = await sdk.issueToken();
    const { myTaskMyTask: started } = await sdk.startMyTask({ token });
    const changes = other.sdk.watchTasks({ token })[Symbol.asyncIterator]();
    const isOver = async () => (await changes.next()).value.tasks.status === 'SUCCEEDED';
    while (!(await isOver()));
    proxy.cut();
    expect((await changes.next()).value.tasks).toMatchObject({
      id: started.id,
      status: 'SUCCEEDED',
    });
  });

  it('ends its subscriptions when it is closed, also those that wait', async () => {
    const { sdk, close } = await open();
    const { issueToken: token } = await sdk.issueToken();
    const diffs = sdk.watchAccount({ token })[Symbol.asyncIterator]();
    expect((await diffs.next()).value.account.version).toBe(0);
    const next = [diffs.next(), sdk.watchTasks({ token })[Symbol.asyncIterator]().next()];
    await close();
    expect(await Promise.all(next)).toEqual(Array(2).fill({ done: true, value: undefined }));
  });
});

describe('its live subscriptions', () => {
  const query = `subscription ($token: ID!, $since: String) {
    account(token: $token, since: $since) { cursor version state { note } }
  }`;

  it.each([
    ['throw the error of a field', {}, /Not authorized/],
    ['give what their headers allow', { role: 'staff' }, null],
  ])('%s', async (_name, connectionParams, refusal) => {
    const url = await startHttpDemo();
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams,
    });
    onTestFinished(() => client.dispose());
    const operation = { query, variables: { token: 'T' } };
    const subscriptions = new LiveSubscriptions(client);
    onTestFinished(() => subscriptions.close());
    const data = subscriptions.dataOf(operation, 'account');
    const first = data[Symbol.asyncIterator]().next();
    if (refusal) await expect(first).rejects.toThrow(refusal);
    else expect(await first).toMatchObject({ value: { account: { state: { note: null } } } });
  });
});
