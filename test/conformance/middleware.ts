import type { Middleware } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { type LabBuilder, type LabContext, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';

export function middlewareTests(createStore: StoreFactory): void {
  describe('middleware', () => {
    it('runs around events and tasks, the first outermost, and knows what it is about', async () => {
      const calls: unknown[] = [];
      const note =
        (name: string): Middleware<LabContext> =>
        async (call, next) => {
          const { kind, state, event, args } = call;
          const user = kind === 'event' ? call.context.user : call.context;
          calls.push([name, kind, `${state}.${event}`, args, user]);
          await next();
          calls.push([name, 'done']);
        };
      const { app, client } = await startLab(
        createStore,
        (builder) => {
          const Cell = defineCell(builder);
          Cell.event('add', { args: (t) => ({ by: t.int({ required: true }) }) }).resolve(
            async function* (s, { by }) {
              s.n += by;
              yield;
              calls.push('handler');
              yield work;
            },
          );
          const work = Cell.background('work').resolve(async () => {
            calls.push('task');
          });
        },
        { middleware: [note('outer'), note('inner')], taskContext: ({ user }) => user },
      );
      await client.run('mutation { cellAdd(token: "T", by: 2) { version } }');
      await until(() => calls.length === 10, 'the task is done');
      await noTask(app);
      expect(calls).toEqual([
        ['outer', 'event', 'Cell.add', { by: 2 }, 'nobody'],
        ['inner', 'event', 'Cell.add', { by: 2 }, 'nobody'],
        'handler',
        ['inner', 'done'],
        ['outer', 'done'],
        ['outer', 'background', 'Cell.work', {}, 'nobody'],
        ['inner', 'background', 'Cell.work', {}, 'nobody'],
        'task',
        ['inner', 'done'],
        ['outer', 'done'],
      ]);
    });

    it('is part of the transaction: it writes state, and a throw after the handler rolls back', async () => {
      let Cell: ReturnType<typeof defineCell> | undefined;
      const define = (builder: LabBuilder) => {
        Cell = defineCell(builder);
      };
      const stamp: Middleware<LabContext> = async (call, next) => {
        if (!Cell || call.kind !== 'event') return next();
        const cell = await call.getState(Cell);
        cell.lines.push(`before ${cell.n}`);
        await next();
        cell.lines.push(`after ${cell.n}`);
        if (cell.n === 2) throw new Error('too many');
      };
      const { client, failures } = await startLab(createStore, define, { middleware: [stamp] });
      const increment = 'mutation { cellIncrement(token: "T") { state { n lines } version } }';
      const first = { state: { n: 1, lines: ['before 0', 'after 1'] }, version: 1 };
      expect(await client.run(increment)).toEqual(first);
      expect((await client.result(increment)).errors).toHaveLength(1);
      expect(failures.map(({ error }) => String(error))).toEqual(['Error: too many']);
      expect(await client.run('{ cell(token: "T") { n lines } }')).toEqual(first.state);
    });

    it('that does not call next() takes the place of the handler', async () => {
      const skip: Middleware<LabContext> = () => {};
      const { client } = await startLab(createStore, defineCell, { middleware: [skip] });
      expect(await client.run('mutation { cellIncrement(token: "T") { version } }')).toEqual({
        version: 0,
      });
    });

    it('that does not wait for next() ends no lock too early, and swallows no error', async () => {
      const careless: Middleware<LabContext> = async (_call, next) => {
        next().catch(() => {});
      };
      const swallowing: Middleware<LabContext> = async (_call, next) => {
        await next().catch(() => {});
      };
      for (const middleware of [careless, swallowing]) {
        const { client, failures } = await startLab(
          createStore,
          (builder) => {
            const Cell = defineCell(builder);
            Cell.event('slow').resolve(async (s) => {
              await new Promise(setImmediate);
              s.n += 1;
            });
            Cell.event('fail').resolve((s) => {
              s.n = 100;
              throw new Error('no');
            });
          },
          { middleware: [middleware] },
        );
        const slow = 'mutation { cellSlow(token: "T") { state { n } } }';
        expect(await client.run(slow)).toEqual({ state: { n: 1 } });
        const fail = await client.result('mutation { cellFail(token: "T") { version } }');
        expect(fail.errors).toHaveLength(1);
        expect(failures).toHaveLength(1);
        expect(await client.run(slow)).toEqual({ state: { n: 2 } });
      }
    });

    it('that calls next() twice is refused, and the handler has run once', async () => {
      let runs = 0;
      const twice: Middleware<LabContext> = async (_call, next) => {
        await next();
        await next();
      };
      const { client, failures } = await startLab(
        createStore,
        (builder) => {
          defineCell(builder)
            .event('count')
            .resolve(() => {
              runs += 1;
            });
        },
        { middleware: [twice] },
      );
      const { errors } = await client.result('mutation { cellCount(token: "T") { version } }');
      expect(errors).toHaveLength(1);
      expect(String(failures[0]?.error)).toContain('one call of next()');
      expect(runs).toBe(1);
    });

    it('that denies a task makes it FAILED before its handler runs', async () => {
      let ran = false;
      const deny: Middleware<LabContext> = (call, next) => {
        if (call.kind === 'background') throw new Error('not today');
        return next();
      };
      const { app, client } = await startLab(
        createStore,
        (builder) => {
          defineCell(builder)
            .background('work')
            .resolve(async () => {
              ran = true;
            });
        },
        { middleware: [deny] },
      );
      const { id } = await client.run('mutation { cellWork(token: "T") { id } }');
      await noTask(app);
      expect(await client.run(`{ task(token: "T", id: "${id}") { status } }`)).toEqual({
        status: 'FAILED',
      });
      expect(ran).toBe(false);
    });

    it('that calls next() when it has ended is refused, and no handler runs late', async () => {
      let late: unknown = null;
      let ran = false;
      const slow: Middleware<LabContext> = (_call, next) => {
        setImmediate(() => {
          try {
            void next();
          } catch (error) {
            late = error;
          }
        });
      };
      const { client } = await startLab(
        createStore,
        (builder) => {
          defineCell(builder)
            .event('note')
            .resolve(() => {
              ran = true;
            });
        },
        { middleware: [slow] },
      );
      expect(await client.run('mutation { cellNote(token: "T") { version } }')).toEqual({
        version: 0,
      });
      await until(() => late !== null, 'it was called late');
      expect(String(late)).toContain('before the middleware ends');
      expect(ran).toBe(false);
    });
  });
}
