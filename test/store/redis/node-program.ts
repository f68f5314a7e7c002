// One node of a cluster: a server on a Redis, in a process of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import SchemaBuilder from '@pothos/core';
import { createApp, statewire } from 'statewire';
import { redisStore } from 'statewire/redis';
import { createServer } from 'statewire/server';
import { silentLogger } from '../../support/silent-logger.ts';

const [url = '', leaseMs = '5000'] = process.argv.slice(2);
const builder = new SchemaBuilder({ plugins: [statewire()] });
const Cell = builder.state('Cell', {
  vars: (t) => ({ n: t.int({ default: 0 }), notes: t.stringList({ default: [] }) }),
});
Cell.event('increment').resolve((s) => {
  s.n += 1;
});
Cell.event('hold').resolve(async (s) => {
  s.notes.push('held');
  await s.flush();
  await sleep(60_000);
});
Cell.background('work', {
  onExit: (s, { outcome, taskId }) => {
    s.notes.push(`${outcome} ${taskId}`);
  },
}).resolve(async (self) => {
  while (!self.signal.aborted) {
    await self.modifyState((s) => {
      s.n += 1;
    });
    await self.sleep(20);
  }
});
Cell.background('locks').resolve(async (self) => {
  const lock = () =>
    self.modifyState(async (s) => {
      const { n } = s;
      await sleep(10);
      s.n = n + 1;
    });
  await Promise.all(Array.from({ length: 5 }, lock));
});

const Visit = builder.state('Visit', {
  vars: (t) => ({ came: t.int({ default: 0 }), went: t.int({ default: 0 }) }),
});
Visit.onConnect((s) => {
  s.came += 1;
});
Visit.onDisconnect(
  (s) => {
    s.went += 1;
  },
  { graceMs: 100 },
);

const app = createApp({
  schema: builder.toSchema(),
  store: redisStore({ url, leaseMs: Number(leaseMs) }),
  development: true,
  logger: silentLogger,
});
const server = createServer(app);
console.log(await server.listen(0, '127.0.0.1'));
