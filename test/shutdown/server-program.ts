// A server to be stopped, with tasks that care about it and tasks that do not.
import { setTimeout as sleep } from 'node:timers/promises';
import SchemaBuilder from '@pothos/core';
import { createApp, memoryStore, statewire } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { createServer } from 'statewire/server';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import { silentLogger } from '../support/silent-logger.ts';
import type { Settings } from './settings.ts';

const settings = JSON.parse(process.argv[2] ?? '') as Settings;
const released = new Deferred();

const builder = new SchemaBuilder({ plugins: [statewire()] });

const Tally = builder.state('Tally', {
  vars: (t) => ({ n: t.int({ default: 0 }), ops: t.stringList({ default: [] }) }),
});
Tally.event('add', { args: (t) => ({ op: t.string({ required: true }) }) }).resolve((s, { op }) => {
  s.n += 1;
  s.ops.push(op);
});

interface WorkVars {
  ticks: number;
  notes: string[];
}

function tick(s: WorkVars): void {
  s.ticks += 1;
}

const Work = builder.state('Work', {
  vars: (t) => ({ ticks: t.int({ default: 0 }), notes: t.stringList({ default: [] }) }),
});
// It does not look at its signal, and takes no error for an answer.
Work.background('deaf', {
  onExit: (s, { outcome }) => void s.notes.push(`deaf ${outcome}`),
}).resolve(async (self) => {
  for (;;) {
    await self.modifyState(tick).catch(() => {});
    await sleep(2);
  }
});
Work.background('cooperative', {
  onExit: (s, { outcome }) => void s.notes.push(`cooperative ${outcome}`),
}).resolve(async (self) => {
  while (!self.signal.aborted) {
    await self.modifyState(tick);
    await self.sleep(2).catch(() => {});
  }
  await self.modifyState((s) => void s.notes.push('saved'));
});
// It ends when it is let.
Work.background('patient').resolve(() => released.promise);

const store = settings.dataDir ? lmdbStore({ path: settings.dataDir }) : memoryStore();
const app = createApp({
  schema: builder.toSchema(),
  // Nothing is left to do then: such a process would end by itself.
  store: settings.storeHangs ? forwardTo(store, { close: () => new Promise(() => {}) }) : store,
  development: true,
  logger: silentLogger,
});
const { graceMs, exitAfterMs } = settings;
const server = createServer(app, {
  ...(graceMs === undefined ? {} : { graceMs }),
  ...(exitAfterMs === undefined ? {} : { exitAfterMs }),
  fallback: ({ url }, response) => {
    if (url === '/never') return;
    released.resolve();
    response.end('released');
  },
});
console.log(await server.listen(0, '127.0.0.1'));
