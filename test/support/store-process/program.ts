// A process with a store of its own, which does what its parent says.

import SchemaBuilder from '@pothos/core';
import { createApp, StatewireError, statewire } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { silentLogger } from '../silent-logger.ts';
import type { Answer, Order, StoreSettings } from './messages.ts';

const { path, durability, uid } = JSON.parse(process.argv[2] ?? '') as StoreSettings;
if (uid !== undefined) process.setuid?.(uid);

const builder = new SchemaBuilder({ plugins: [statewire()] });
const Cell = builder.state('Cell', {
  vars: (t) => ({ n: t.int({ default: 0 }), text: t.string({ default: '' }) }),
});

async function start(): Promise<(order: Order) => Promise<Answer>> {
  const store = lmdbStore({ path, ...(durability ? { durability } : {}) });
  const app = createApp({
    schema: builder.toSchema(),
    store,
    development: true,
    logger: silentLogger,
  });
  return async (order) => {
    switch (order.kind) {
      case 'write': {
        const { token, text } = order;
        const n = await app.modifyState(Cell, app.keyOf(token), (s) => {
          s.n += 1;
          s.text = text;
          return s.n;
        });
        return { kind: 'written', n };
      }
      case 'read': {
        const n = await app.modifyState(Cell, app.keyOf(order.token), (s) => s.n);
        return { kind: 'written', n };
      }
      case 'backup':
        await store.backup(order.path);
        return { kind: 'done' };
      case 'close':
        await app.close();
        return { kind: 'done' };
    }
  };
}

function refusal(error: unknown): Answer {
  return error instanceof StatewireError
    ? { kind: 'refused', code: error.code, message: error.message }
    : { kind: 'refused', code: 'UNEXPECTED', message: String((error as Error).stack) };
}

function send(answer: Answer, id: number): void {
  process.send?.({ id, answer });
}

try {
  const run = await start();
  send({ kind: 'done' }, 0);
  process.on('message', ({ id, order }: { id: number; order: Order }) => {
    run(order).then(
      (answer) => send(answer, id),
      (error: unknown) => send(refusal(error), id),
    );
  });
} catch (error) {
  send(refusal(error), 0);
}
