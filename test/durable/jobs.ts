import SchemaBuilder from '@pothos/core';
import { statewire } from 'statewire';
import { until } from '../support/until.ts';
import { block, blockUntil } from './block.ts';
import type { Gate } from './gate.ts';
import type { Journal } from './journal.ts';
import { type Way, walk } from './walk.ts';

interface JobsHost {
  readonly journal: Journal;
  readonly gate: Gate;
  readonly leaseMs: number;
}

/** Before which step those that block or fail do, in their first attempt. */
const troubleStep = 4;

/** A schema of a state with walks: each is a durable task, which leaves its steps and its outcome. */
export function createJobs(host: JobsHost) {
  const builder = new SchemaBuilder({ plugins: [statewire()] });
  const Job = builder.state('Job', {
    vars: (t) => ({
      begun: t.int({ default: 0 }),
      steps: t.stringList({ default: [] }),
      outcomes: t.stringList({ default: [] }),
      ops: t.stringList({ default: [] }),
    }),
  });
  const policy = {
    durable: { attempts: 3, backoffMs: 2_000 },
    onExit: (s: { outcomes: string[] }, { outcome, taskId }: { outcome: string; taskId: string }) =>
      void s.outcomes.push(`${outcome} ${taskId}`),
  };

  const walking = Job.background('walk', {
    args: (t) => ({ name: t.string({ required: true }), steps: t.int({ required: true }) }),
    ...policy,
  }).resolve((self, args) => walk(self, args, host));

  Job.event('begin', {
    args: (t) => ({ name: t.string({ required: true }), steps: t.int({ required: true }) }),
  }).resolve((s, args) => {
    s.begun += 1;
    return walking.with(args);
  });

  Job.event('add', { args: (t) => ({ op: t.string({ required: true }) }) }).resolve((s, { op }) => {
    s.ops.push(op);
  });

  // Its first attempt fails.
  Job.background('stumble', {
    args: (t) => ({ name: t.string({ required: true }), steps: t.int({ required: true }) }),
    ...policy,
  }).resolve((self, args) => {
    const before = (step: number) => {
      if (self.attempt === 1 && step === troubleStep) throw new Error('stumbled');
    };
    return walk(self, args, { ...host, before });
  });

  // Its first attempt blocks the process until there is another, or, if nobody else can make
  // one, for so long that it is taken for gone.
  Job.background('block', {
    args: (t) => ({
      name: t.string({ required: true }),
      steps: t.int({ required: true }),
      where: t.string({ required: true }),
    }),
    ...policy,
  }).resolve((self, { where, ...args }) => {
    const isNext = () =>
      host.journal.of('begun', self.taskId).some(({ attempt }) => attempt > self.attempt);
    const isNow = (step: number) => self.attempt === 1 && step === troubleStep;
    const ways: Record<string, Partial<Way>> = {
      'between locks': { before: (step) => void (isNow(step) && blockUntil(isNext)) },
      'in a lock': { within: (step) => void (isNow(step) && blockUntil(isNext)) },
      alone: {
        before: async (step) => {
          if (!isNow(step)) return;
          block(4 * host.leaseMs);
          await until(isNext, 'there is another attempt', 30_000);
        },
      },
    };
    return walk(self, args, { ...host, ...ways[where] });
  });
  return builder.toSchema();
}
