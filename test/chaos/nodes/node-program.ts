// One node: a server whose state is a list that grows by one text per commit.
import { setTimeout as sleep } from 'node:timers/promises';
import SchemaBuilder from '@pothos/core';
import { createApp, statewire } from 'statewire';
import { createServer } from 'statewire/server';
import { silentLogger } from '../../support/silent-logger.ts';
import { exitText, stepsPerTask, stepText } from '../checker/text.ts';
import { variants } from '../variants/variants.ts';
import type { NodeSettings } from './settings.ts';

const { redisUrl, variant, leaseMs } = JSON.parse(process.argv[2] ?? '') as NodeSettings;

const builder = new SchemaBuilder({ plugins: [statewire()] });

const Cell = builder.state('Cell', {
  vars: (t) => ({ n: t.int({ default: 0 }), ops: t.stringList({ default: [] }) }),
});

interface Texts {
  n: number;
  ops: string[];
}

function append(s: Texts, text: string): void {
  s.n += 1;
  s.ops.push(text);
}

Cell.event('append', {
  args: (t) => ({
    op: t.string({ required: true }),
    holdMs: t.int({ required: true }),
    keep: t.int({ required: true }),
  }),
}).resolve(async (s, { op, holdMs, keep }) => {
  append(s, op);
  if (s.ops.length > keep) s.ops.splice(0, s.ops.length - keep);
  if (holdMs > 0) await sleep(holdMs);
});

Cell.event('refuse', { args: (t) => ({ op: t.string({ required: true }) }) }).resolve(
  (s, { op }) => {
    append(s, op);
    throw new Error('Refused after a write.');
  },
);

Cell.background('work', {
  args: (t) => ({ op: t.string({ required: true }) }),
  onExit: (s, { taskId, outcome }) => append(s, exitText(taskId, outcome)),
}).resolve(async (self, { op }) => {
  for (let step = 1; step <= stepsPerTask; step += 1) {
    await self.modifyState((s) => append(s, stepText(op, step, self.taskId)));
    await self.sleep(100);
  }
});

const app = createApp({
  schema: builder.toSchema(),
  store: variants[variant]({ url: redisUrl, leaseMs }),
  development: true,
  ...(process.env['CHAOS_LOG'] ? {} : { logger: silentLogger }),
});
console.log(await createServer(app).listen(0, '127.0.0.1'));
