import type { TaskExit, TaskInfo } from 'statewire';
import { createApp, memoryStore } from 'statewire';
import { describe, expectTypeOf, it } from 'vitest';
import { createBuilder } from '../support/lab.ts';

const builder = createBuilder();
const Table = builder.state('Table', { vars: (t) => ({ n: t.int({ default: 0 }) }) });

describe('the policy of a background event', () => {
  it('gives concurrency.key the arguments, typed, and a context that it must look at first', () => {
    Table.background('keyed', {
      args: (t) => ({
        room: t.string({ required: true }),
        seats: t.int(),
      }),
      concurrency: {
        limit: 1,
        key: (args, context) => {
          expectTypeOf(args.room).toEqualTypeOf<string>();
          expectTypeOf(args.seats).toEqualTypeOf<number | null | undefined>();
          expectTypeOf(context).toEqualTypeOf<unknown>();
          // @ts-expect-error unknown argument
          args.floor;
          return args.room;
        },
      },
    }).resolve(async (_self, { room }) => {
      expectTypeOf(room).toEqualTypeOf<string>();
    });
    Table.background('keyedWithoutArguments', {
      concurrency: { limit: 1, key: () => 'all' },
    }).resolve(async () => {});
  });

  it('gives self what a durable task has, and only then', () => {
    Table.background('durable', { durable: true }).resolve(async (self) => {
      expectTypeOf(self.attempt).toEqualTypeOf<number>();
      expectTypeOf(self.resumed).toEqualTypeOf<unknown>();
      await self.modifyState((s) => {
        s.n += 1;
        self.checkpoint({ n: s.n });
      });
    });
    Table.background('withOptions', {
      durable: { attempts: 5, backoffMs: 10 },
      args: (t) => ({ n: t.int({ required: true }) }),
      concurrency: { limit: 1, key: ({ n }) => String(n) },
      onExit: (s, { outcome }) => {
        expectTypeOf(s.n).toEqualTypeOf<number>();
        expectTypeOf(outcome).toEqualTypeOf<TaskExit['outcome']>();
      },
    }).resolve(async (self, { n }) => {
      expectTypeOf(n).toEqualTypeOf<number>();
      self.checkpoint(n);
    });
    const isDurable = Math.random() > 0.5;
    Table.background('maybe', { durable: isDurable }).resolve(async (self) => {
      // @ts-expect-error it may not be durable
      self.checkpoint(1);
    });
    Table.background('not', { durable: false }).resolve(async (self) => {
      // @ts-expect-error it is not durable
      self.checkpoint(1);
    });
    Table.background('neither', {}).resolve(async (self) => {
      // @ts-expect-error it is not durable
      self.resumed;
    });
    // @ts-expect-error a number is no durability
    Table.background('wrong', { durable: 3 });
    // @ts-expect-error an unknown option
    Table.background('unknownOption', { durable: { retries: 3 } });
  });

  it('takes what makes sense', () => {
    Table.background('everything', {
      args: (t) => ({ n: t.int({ required: true }) }),
      concurrency: { limit: 2, scope: 'app', onLimit: 'replace', key: ({ n }) => String(n) },
      timeoutMs: 1_000,
      cancelOn: 'disconnect',
      graceMs: 0,
      detached: true,
    }).resolve(async () => {});
    Table.event('lasting', { detached: true }).resolve(() => {});
  });

  it('takes nothing else', () => {
    // @ts-expect-error a limit is needed
    Table.background('noLimit', { concurrency: { scope: 'app' } });
    // @ts-expect-error a limit is a number
    Table.background('limitOfText', { concurrency: { limit: '1' } });
    // @ts-expect-error no such scope
    Table.background('scope', { concurrency: { limit: 1, scope: 'node' } });
    // @ts-expect-error no such thing to do
    Table.background('onLimit', { concurrency: { limit: 1, onLimit: 'drop' } });
    // @ts-expect-error a key is a string
    Table.background('key', { concurrency: { limit: 1, key: () => 1 } });
    // @ts-expect-error an unknown option
    Table.background('unknown', { concurrency: { limit: 1, timeoutMs: 1 } });
    // @ts-expect-error a time is a number
    Table.background('timeoutMs', { timeoutMs: '1s' });
    // @ts-expect-error nothing else to be cancelled on
    Table.background('cancelOn', { cancelOn: 'close' });
    // @ts-expect-error yes or no
    Table.background('detached', { detached: 'yes' });
  });

  it('is none of an event', () => {
    // @ts-expect-error an event has its lock
    Table.event('concurrency', { concurrency: { limit: 1 } });
    // @ts-expect-error an event has maxHoldMs
    Table.event('timeoutMs', { timeoutMs: 1 });
    // @ts-expect-error an event is not cancelled
    Table.event('cancelOn', { cancelOn: 'disconnect' });
  });
});

describe('a running task', () => {
  it('reports a number, and a text if it likes', () => {
    Table.background('reports').resolve(async (self) => {
      expectTypeOf(self.report).toEqualTypeOf<(progress: number, message?: string) => void>();
      expectTypeOf(self.taskId).toEqualTypeOf<string>();
      expectTypeOf(self.signal).toEqualTypeOf<AbortSignal>();
      self.report(0.5);
      self.report(1, 'done');
      // @ts-expect-error progress is a number
      self.report('half');
      // @ts-expect-error needs its progress
      self.report();
      // @ts-expect-error a message is a text
      self.report(1, 2);
    });
    Table.event('cannot').resolve((s) => {
      // @ts-expect-error an event is over too soon
      s.report(1);
    });
  });
});

describe('tasks as the app knows them', () => {
  it('are listed and cancelled by key and id', () => {
    const app = createApp({ schema: builder.toSchema(), store: memoryStore() });
    const key = app.keyOf('T');
    expectTypeOf(app.cancelTask).parameters.toEqualTypeOf<[key: typeof key, id: string]>();
    expectTypeOf(app.cancelTask).returns.resolves.toEqualTypeOf<TaskInfo>();
    expectTypeOf(app.listTasks(key)).resolves.toEqualTypeOf<readonly TaskInfo[]>();
    // @ts-expect-error a token is not a key
    void (() => app.cancelTask('T', 'id'));
    // @ts-expect-error a token is not a key
    void (() => app.listTasks('T'));
  });

  it('have a status, times and what they say', () => {
    type Status = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'LOST';
    expectTypeOf<TaskInfo['status']>().toEqualTypeOf<Status>();
    expectTypeOf<TaskExit['outcome']>().toEqualTypeOf<Exclude<Status, 'QUEUED' | 'RUNNING'>>();
    expectTypeOf<TaskInfo['id']>().toEqualTypeOf<string>();
    expectTypeOf<TaskInfo['attempt' | 'createdAt']>().toEqualTypeOf<number>();
    expectTypeOf<TaskInfo['progress' | 'startedAt' | 'endedAt']>().toEqualTypeOf<number | null>();
    expectTypeOf<TaskInfo['message' | 'parent']>().toEqualTypeOf<string | null>();
    expectTypeOf<NonNullable<TaskInfo['error']>>().toEqualTypeOf<{
      readonly code: string;
      readonly message: string;
    }>();
    const task = {} as TaskInfo;
    // @ts-expect-error read only
    void (() => (task.status = 'CANCELLED'));
  });
});
