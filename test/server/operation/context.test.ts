import { createApp, memoryStore } from 'statewire';
import { expect, it } from 'vitest';
import { createPipeline, type RequestInfo } from '../../../src/server/graphql-pipeline.ts';
import { createBuilder } from '../../support/lab.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const connection = {} as RequestInfo;
const params = {};

function contextOf(made: unknown) {
  const builder = createBuilder();
  builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  const app = createApp({ schema: builder.toSchema(), store: memoryStore(), logger: silentLogger });
  const pipeline = createPipeline(app, { context: () => made as object });
  return pipeline.createContext(params, connection);
}

it('has all that the user has put into it, and what the transport tells', () => {
  const key = Symbol('key');
  let reads = 0;
  const made = {
    user: 'Ada',
    [key]: 1,
    get role() {
      reads += 1;
      return 'admin';
    },
  };
  const context = contextOf(made);
  expect(reads).toBe(1);
  expect(context).not.toBe(made);
  expect(context).toEqual({ params, connection, user: 'Ada', [key]: 1, role: 'admin' });
});

it('is what the user says of the same names', () => {
  expect(contextOf({ params: 'mine', connection: null })).toEqual({
    params: 'mine',
    connection: null,
  });
});

it('may come later, or be none', async () => {
  const later = contextOf(Promise.resolve({ user: 'Ada' }));
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toEqual({ params, connection, user: 'Ada' });
  expect(contextOf(undefined)).toEqual({ params, connection });
});
