import { setTimeout as sleep } from 'node:timers/promises';
import type { BoundEvent } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { increment, leaveOutcome, list, read, start, whenEnded } from '../support/durable.ts';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import type { Data } from '../support/socket-client.ts';
import { until } from '../support/until.ts';
import type { CreateRestartable } from './restart.ts';

/** A scalar that becomes what no state could hold. */
function defineBroken(builder: LabBuilder): void {
  builder.scalarType('Tags', {
    serialize: () => null,
    parseValue: () => (() => {}) as never,
  });
}

export function durableStartTests(createRestartable: CreateRestartable): void {
  const createStore: StoreFactory = () => createRestartable()();

  describe('a durable task that could not be stored', () => {
    /** `work` is durable; `push` and `trigger` start it from an event, `run` from the lock of a task. */
    function define(begun: number[]) {
      return (builder: LabBuilder) => {
        defineBroken(builder);
        const Cell = defineCell(builder);
        const work = Cell.background('work', {
          durable: true,
          onExit: leaveOutcome,
          args: (t) => ({ tags: t.field({ type: 'Tags' }) }),
        }).resolve(async (self) => {
          begun.push(self.attempt);
        });
        const bad = () => work.with({ tags: (() => {}) as never });
        Cell.event('push').resolve((s) => {
          s.n += 1;
          return [work.with({}), bad()];
        });
        Cell.event('trigger').resolve((s) => {
          s.n += 1;
          s.trigger(bad());
        });
        Cell.background('run').resolve((self) =>
          self.modifyState((s) => {
            s.n += 1;
            s.trigger(bad());
          }),
        );
        Cell.background('direct').resolve(async (self) => self.trigger(bad()));
      };
    }

    it('is refused with what is wrong with its arguments, and nothing is on record of it', async () => {
      const begun: number[] = [];
      const { app, client } = await startLab(createStore, define(begun));
      const bad = 'mutation { cellWork(token: "T", tags: "x") { id } }';
      const { errors } = await client.result(bad);
      expect(errors?.[0]?.extensions?.['code']).toBe('VALUE_NOT_STORABLE');
      expect(errors?.[0]?.message).toContain('args.tags');
      expect(await client.run(list)).toEqual([]);
      expect(await client.run(read)).toEqual({ n: 0, lines: [] });
      expect(app.backgroundTasks.size).toBe(0);
      expect(begun).toEqual([]);
    });

    it.each(['Push', 'Trigger'])(
      'the event that starts it is refused whole, with all else that it starts (%s)',
      async (event) => {
        const begun: number[] = [];
        const lab = await startLab(createStore, define(begun));
        const { app, client, failures } = lab;
        const { errors } = await client.result(`mutation { cell${event}(token: "T") { version } }`);
        expect(errors?.[0]?.extensions?.['code']).toBe('VALUE_NOT_STORABLE');
        expect(failures).toMatchObject([{ error: { code: 'VALUE_NOT_STORABLE' } }]);
        expect(await client.run('{ cell(token: "T") { n version } }')).toEqual({
          n: 0,
          version: 0,
        });
        expect(await client.run(list)).toEqual([]);
        expect(app.backgroundTasks.size).toBe(0);
        // There is room for others, which begin.
        await client.run(start);
        await whenEnded(lab);
        expect(begun).toEqual([1]);
      },
    );

    it.each(['Run', 'Direct'])('the task that starts it fails with it (%s)', async (event) => {
      const begun: number[] = [];
      const lab = await startLab(createStore, define(begun));
      await lab.client.run(`mutation { cell${event}(token: "T") { id } }`);
      const error = { code: 'VALUE_NOT_STORABLE' };
      expect(await whenEnded(lab)).toMatchObject([{ status: 'FAILED', error }]);
      expect(await lab.client.run(read)).toEqual({ n: 0, lines: [] });
      expect(begun).toEqual([]);
    });

    it('is refused for its taskContext too', async () => {
      const begun: number[] = [];
      let context: unknown = () => {};
      const lab = await startLab(createStore, define(begun), { taskContext: () => context });
      const { client } = lab;
      for (const how of [start, 'mutation { cellPush(token: "T") { version } }']) {
        const { errors } = await client.result(how);
        expect(errors?.[0]?.extensions?.['code']).toBe('VALUE_NOT_STORABLE');
      }
      expect(await client.run(list)).toEqual([]);
      expect(await client.run(read)).toEqual({ n: 0, lines: [] });
      context = { fine: true };
      await client.run(start);
      expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED' }]);
      expect(begun).toEqual([1]);
    });
  });

  describe('a durable task begins', () => {
    it('with the commit that triggers it, or not at all', async () => {
      const begun: string[] = [];
      const lab = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const work = Cell.background('work', {
          durable: true,
          args: (t) => ({ by: t.string({ required: true }) }),
        }).resolve(async (_self, { by }) => {
          begun.push(by);
        });
        Cell.event('throw').resolve((s) => {
          s.trigger(work.with({ by: 'throw' }));
          throw new Error('rolled back');
        });
        Cell.event('rollback').resolve((s) => {
          s.trigger(work.with({ by: 'rollback' }));
          s.rollback();
          return work.with({ by: 'return' });
        });
        Cell.event('flush').resolve(async (s) => {
          s.trigger(work.with({ by: 'flush' }));
          await s.flush();
          s.trigger(work.with({ by: 'after the flush' }));
          throw new Error('rolled back');
        });
      });
      for (const event of ['Throw', 'Rollback', 'Flush']) {
        await lab.client.result(`mutation { cell${event}(token: "T") { version } }`);
      }
      expect(await whenEnded(lab, 2)).toHaveLength(2);
      expect(begun.sort()).toEqual(['flush', 'return']);
    });

    it('whoever triggers it: a durable task, another one, an onExit; each knows its parent', async () => {
      const begun: string[] = [];
      const lab = await startLab(
        createStore,
        (builder) => {
          const Cell = defineCell(builder);
          const last = Cell.background('last', { durable: true }).resolve(async (self) => {
            begun.push(`last ${JSON.stringify(self.context)}`);
          });
          const second = Cell.background('second', {
            ...{ durable: { attempts: 2, backoffMs: 1 }, onExit: () => last },
          }).resolve(async (self) => {
            begun.push(`second ${self.attempt}`);
            if (self.attempt === 1) throw new Error('once');
          });
          const durable = Cell.background('durable', { durable: true }).resolve(async (self) => {
            await self.modifyState((s) => {
              s.n += 1;
              s.trigger(second);
            });
          });
          Cell.background('work').resolve(async (self) => self.trigger(durable));
        },
        { taskContext: () => 'of the request' },
      );
      await lab.client.run(start);
      const tasks = await whenEnded(lab, 4);
      const idOf = (name: string) => tasks.find(({ event }) => event === name)?.id;
      expect(tasks.map(({ event, status, parent }) => [event, status, parent?.id])).toEqual([
        ['work', 'SUCCEEDED', undefined],
        ['durable', 'SUCCEEDED', idOf('work')],
        ['second', 'SUCCEEDED', idOf('durable')],
        ['last', 'SUCCEEDED', idOf('second')],
      ]);
      expect(begun).toEqual(['second 1', 'second 2', 'last "of the request"']);
    });

    it('what its generator yields, after each attempt that yields it', async () => {
      const begun: string[] = [];
      const lab = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const child = Cell.background('child', { durable: true }).resolve(async () => {
          begun.push('child');
        });
        Cell.background('work', { durable: { attempts: 2, backoffMs: 1 } }).resolve(
          async function* (self): AsyncGenerator<BoundEvent, void> {
            yield child;
            if (self.attempt === 1) throw new Error('once');
          },
        );
      });
      await lab.client.run(start);
      await whenEnded(lab, 3);
      expect(begun).toEqual(['child', 'child']);
    });
  });

  describe('durable tasks', () => {
    it('keep their token: it does not expire while one waits for longer than idleTtlMs', async () => {
      const idleTtlMs = 50;
      const seen: number[] = [];
      const { client } = await startLab(
        createStore,
        (builder) => {
          defineCell(builder)
            .background('work', { durable: { attempts: 2, backoffMs: idleTtlMs * 8 } })
            .resolve(async (self) => {
              seen.push(self.n);
              if (self.attempt === 2) return;
              await self.modifyState(increment);
              throw new Error('once');
            });
        },
        { limits: { idleTtlMs } },
      );
      await client.run(start);
      await until(() => seen.length === 2, 'it runs again');
      expect(seen).toEqual([0, 1]);
    });

    it('keep their token while no server runs', async () => {
      const idleTtlMs = 50;
      const open = createRestartable();
      const seen: unknown[] = [];
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 1 } })
          .resolve(async (self) => {
            seen.push([self.n, self.resumed]);
            if (self.attempt === 2) return;
            await self.modifyState((s) => {
              s.n += 1;
              self.checkpoint('saved');
            });
            await self.sleep(3_600_000);
          });
      };
      const first = await startLab(open, define, { limits: { idleTtlMs } });
      await first.client.run(start);
      await until(async () => (await first.client.run(read)).n === 1, 'it runs');
      await first.server.close();
      await sleep(idleTtlMs * 3);
      await startLab(open, define, { limits: { idleTtlMs } });
      await until(() => seen.length === 2, 'it runs again');
      expect(seen).toEqual([
        [0, null],
        [1, 'saved'],
      ]);
    });

    it('many of them, on many tokens, end once each, over failures and a restart', async () => {
      const tokens = Array.from({ length: 50 }, (_, i) => `T${i}`);
      const open = createRestartable();
      const exits = new Map<string, number>();
      let begun = 0;
      const define = (builder: LabBuilder) => {
        defineCell(builder)
          .background('work', {
            durable: { attempts: 2, backoffMs: 5 },
            args: (t) => ({ i: t.int({ required: true }) }),
            onExit: (s, { taskId, outcome }) => {
              exits.set(taskId, (exits.get(taskId) ?? 0) + 1);
              s.lines.push(outcome);
            },
          })
          .resolve(async (self, { i }) => {
            begun += 1;
            if (self.resumed === null) {
              await self.modifyState((s) => {
                s.n += 1;
                self.checkpoint('counted');
              });
            }
            if (i === 0 && self.attempt === 1) throw new Error('once');
          });
      };
      const startOne = 'mutation ($token: ID!, $i: Int!) { cellWork(token: $token, i: $i) { id } }';
      const first = await startLab(open, define);
      await Promise.all(
        tokens.flatMap((token) =>
          [0, 1, 2, 3].map((i) => first.client.run(startOne, { token, i })),
        ),
      );
      await until(() => begun > 50, 'some have begun');
      await first.server.close();
      const second = await startLab(open, define);
      for (const token of tokens) {
        const tasks: Data[] = await whenEnded(second, 4, token);
        expect(tasks.map(({ status }) => status)).toEqual(Array(4).fill('SUCCEEDED'));
        const cell = await second.client.run(
          'query ($token: ID!) { cell(token: $token) { n lines } }',
          { token },
        );
        expect(cell).toEqual({ n: 4, lines: Array(4).fill('SUCCEEDED') });
      }
      expect(exits.size).toBe(200);
    });
  });
}
