// A server in a process of its own, which says what is left in it of its subscribers. Its
// argument: how long they may take to come back, in ms.
import SchemaBuilder from '@pothos/core';
import { createApp, memoryStore, statewire } from 'statewire';
import { createServer } from 'statewire/server';
import { silentLogger } from '../support/silent-logger.ts';

/** All that are set, also those that keep no process alive; none of Node's own. */
const timers = new Set<unknown>();
const { setInterval, setTimeout, clearInterval, clearTimeout } = globalThis;
Object.assign(globalThis, {
  setInterval: (...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args);
    timers.add(timer);
    return timer;
  },
  setTimeout: (callback: (...args: unknown[]) => void, ...rest: [number, ...unknown[]]) => {
    const ring = (...args: unknown[]) => {
      timers.delete(timer);
      callback(...args);
    };
    const timer = setTimeout(ring, ...rest);
    timers.add(timer);
    return timer;
  },
  clearInterval: (timer: NodeJS.Timeout) => {
    timers.delete(timer);
    clearInterval(timer);
  },
  clearTimeout: (timer: NodeJS.Timeout) => {
    timers.delete(timer);
    clearTimeout(timer);
  },
});

const builder = new SchemaBuilder({ plugins: [statewire()] });
const Counter = builder.state('Counter', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
Counter.onDisconnect(() => {}, { graceMs: Number(process.argv[2]) });

let errors = 0;
const app = createApp({
  ...{ schema: builder.toSchema(), store: memoryStore(), development: true },
  logger: {
    ...silentLogger,
    error: () => {
      errors += 1;
    },
  },
});
const server = createServer(app, {
  graceMs: 0,
  handleSignals: false,
  fallback: ({ url }, response) => {
    response.end(JSON.stringify({ subscribers: app.subscribers, timers: timers.size, errors }));
    if (url === '/close') void server.close();
  },
});
console.log(await server.listen(0, '127.0.0.1'));
