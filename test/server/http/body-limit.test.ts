import { createApp, memoryStore } from 'statewire';
import { createHandler } from 'statewire/server';
import { expect, it, onTestFinished } from 'vitest';
import { createBuilder, startLab } from '../../support/lab.ts';
import { post } from './post.ts';

const limit = 25_000_000;

function define(builder: ReturnType<typeof createBuilder>): void {
  builder.state('Cell', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
}

/** A query of so many bytes. */
function queryOf(bytes: number): string {
  const query = JSON.stringify({ query: '{ __typename }' });
  return query + ' '.repeat(bytes - query.length);
}

it.each([
  ['its length said', true],
  ['in chunks', false],
])('a body at the limit is taken, one beyond is refused with 413, %s', async (_how, hasLength) => {
  const { url } = await startLab(memoryStore, define);
  const taken = await post(url, { body: queryOf(limit), hasLength });
  expect(taken).toMatchObject({ status: '200 OK', body: '{"data":{"__typename":"Query"}}' });
  const refused = await post(url, { body: queryOf(limit + 1), hasLength });
  expect(refused.status).toBe('413 Payload Too Large');
  expect(JSON.parse(refused.body).errors[0].extensions).toEqual({
    code: 'REQUEST_ENTITY_TOO_LARGE',
  });
});

it.each([
  ['that is true', (bytes: number) => `${bytes}`, [200, 413]],
  ['that is too small', () => '30', [200, 413]],
  ['that is none', () => 'many', [400, 400]],
])('a request of the Fetch API is counted, whatever its length: one %s', async (...given) => {
  const [, lengthOf, statuses] = given;
  const builder = createBuilder();
  define(builder);
  const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true });
  onTestFinished(() => app.close());
  const handler = createHandler(app);
  const send = async (bytes: number) => {
    const headers = { 'content-type': 'application/json', 'content-length': lengthOf(bytes) };
    const body = queryOf(bytes);
    const request = new Request('http://localhost/graphql', { method: 'POST', headers, body });
    return (await handler.fetch(request)).status;
  };
  expect([await send(limit), await send(limit + 1)]).toEqual(statuses);
});
