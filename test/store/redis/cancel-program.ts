// A node whose tasks are to be cancelled by another: a server on a Redis, in a process of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import SchemaBuilder from '@pothos/core';
import { createApp, statewire } from 'statewire';
import { redisStore } from 'statewire/redis';
import { createServer } from 'statewire/server';
import { silentLogger } from '../../support/silent-logger.ts';
import type { Sights } from './cancel-node.ts';

const [url = '', leaseMs = '5000'] = process.argv.slice(2);
const builder = new SchemaBuilder({ plugins: [statewire()] });

/** What has happened to the tasks of this process, for whoever asks over HTTP. */
const sights: Sights = { began: [], abortedAt: {}, refused: {}, settled: {} };

const Job = builder.state('Job', {
  vars: (t) => ({ n: t.int({ default: 0 }), notes: t.stringList({ default: [] }) }),
});
Job.event('increment').resolve((s) => {
  s.n += 1;
});

interface Exit {
  readonly taskId: string;
  readonly outcome: string;
}

interface JobVars {
  n: number;
  notes: string[];
}

function onExit(s: JobVars, { taskId, outcome }: Exit): void {
  s.notes.push(`${outcome} ${taskId}`);
}

function increment(s: JobVars): void {
  s.n += 1;
}

function begin({ taskId, signal }: { readonly taskId: string; readonly signal: AbortSignal }) {
  sights.began.push(taskId);
  signal.addEventListener('abort', () => {
    sights.abortedAt[taskId] = Date.now();
  });
}

Job.background('listen', { onExit }).resolve(async (self) => {
  begin(self);
  await self.sleep(60_000);
});
// One after the other, whatever the node.
Job.background('single', { concurrency: { limit: 1 }, onExit }).resolve(async (self) => {
  begin(self);
  await self.sleep(60_000);
});
// It does not look at its signal, and takes no error for an answer.
Job.background('deaf', { onExit }).resolve(async (self) => {
  begin(self);
  for (;;) {
    try {
      await self.modifyState(increment);
    } catch {
      sights.refused[self.taskId] = (sights.refused[self.taskId] ?? 0) + 1;
      await sleep(1);
    }
  }
});
Job.background('block', { args: (t) => ({ ms: t.int({ required: true }) }), onExit }).resolve(
  async (self, { ms }) => {
    begin(self);
    const locked = self.modifyState(async (s) => {
      s.notes.push('locked');
      await s.flush();
      // The one who has seen that it is locked can ask for something else.
      await sleep(100);
      const end = Date.now() + ms;
      while (Date.now() < end);
      s.notes.push('too late');
    });
    sights.settled[self.taskId] = await locked.then(() => 'committed', String);
    // The lock may be had again, but not by this one.
    await self.modifyState((s) => void s.notes.push('later')).catch(() => {});
  },
);

const app = createApp({
  schema: builder.toSchema(),
  store: redisStore({ url, leaseMs: Number(leaseMs) }),
  development: true,
  logger: silentLogger,
});
const server = createServer(app, {
  fallback: (_request, response) => void response.end(JSON.stringify(sights)),
});
console.log(await server.listen(0, '127.0.0.1'));
