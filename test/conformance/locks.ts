import { setTimeout as sleep } from 'node:timers/promises';
import {
  type App,
  LockExpiredError,
  LockTimeoutError,
  NestedModifyError,
  StateReleasedError,
} from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { Deferred } from '../support/deferred.ts';
import { type LabContext, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';

const watch = 'subscription { cell(token: "T") { version since state { n lines } } }';
const read = '{ cell(token: "T") { n lines version } }';
const increment = 'mutation { cellIncrement(token: "T") { version state { n } } }';

type Cell = ReturnType<typeof defineCell>;

/** A lab with a Cell and one background event `work`, started on token T. */
async function startWork(
  createStore: StoreFactory,
  define: (cell: Cell, app: () => App<LabContext>) => void,
  options: Parameters<typeof startLab>[2] = {},
) {
  let cell: Cell | undefined;
  const lab = await startLab(
    createStore,
    (builder) => {
      cell = defineCell(builder);
      define(cell, () => lab.app);
    },
    options,
  );
  return {
    ...lab,
    cell: cell as Cell,
    start: () => lab.client.run('mutation { cellWork(token: "T") { id } }'),
    settled: () => noTask(lab.app),
  };
}

export function lockTests(createStore: StoreFactory): void {
  describe('locks', () => {
    it('flush sends what was changed up to it, and the end sends the rest (4)', async () => {
      const { client, start } = await startWork(createStore, (Cell) => {
        Cell.background('work').resolve(async (self) => {
          await self.modifyState(async (s) => {
            s.n += 1;
            await s.flush();
            s.n += 1;
          });
        });
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      await start();
      const diffs = await subscription.take(2);
      expect(diffs.map(({ state }) => state.n)).toEqual([1, 2]);
    });

    it('of one token pass in the order in which they were asked for (7)', async () => {
      const started = new Deferred();
      const goOn = new Deferred();
      const { client, start, settled } = await startWork(createStore, (Cell) => {
        const helper = Cell.event('helper').resolve((s) => {
          s.lines.push('helper');
        });
        Cell.event('other').resolve((s) => {
          s.lines.push('other');
        });
        Cell.background('work').resolve(async (self) => {
          await self.modifyState((s) => void s.lines.push('start'));
          started.resolve();
          await goOn.promise;
          await self.modifyState((s) => {
            s.lines.push('stop');
            s.trigger(helper);
          });
        });
      });
      await start();
      await started.promise;
      await client.run('mutation { cellOther(token: "T") { version } }');
      goOn.resolve();
      await settled();
      const subscription = client.subscribe(watch);
      const diffs = await subscription.takeUntil(({ state }) => state.lines.includes('helper'));
      expect(diffs.at(-1).state.lines).toEqual(['start', 'other', 'stop', 'helper']);
    });

    it('make events wait, and the event sees what the holder wrote (16)', async () => {
      const inside = new Deferred();
      const goOn = new Deferred();
      const { client, start } = await startWork(createStore, (Cell) => {
        Cell.background('work').resolve(async (self) => {
          await self.modifyState(async (s) => {
            s.n = 10;
            inside.resolve();
            await goOn.promise;
          });
        });
      });
      await start();
      await inside.promise;
      let answered = false;
      const event = client.run(increment).then((result) => {
        answered = true;
        return result;
      });
      // Another token's event, sent later over the same socket, is not in the way.
      await client.run('mutation { cellIncrement(token: "U") { version } }');
      expect(answered).toBe(false);
      expect((await client.run(read)).n).toBe(0);
      goOn.resolve();
      expect((await event).state.n).toBe(11);
    });

    it('are taken by coroutines that share one self, one after the other (13)', async () => {
      const { client, start, settled } = await startWork(createStore, (Cell) => {
        Cell.background('work').resolve(async (self) => {
          const coroutine = async () => {
            for (let i = 0; i < 50; i += 1) {
              await self.modifyState((s) => {
                s.n += 1;
              });
            }
          };
          await Promise.all([coroutine(), coroutine(), coroutine(), coroutine()]);
        });
      });
      await start();
      await settled();
      expect(await client.run(read)).toMatchObject({ n: 200, version: 200 });
    });

    it('cannot be nested, in one token or two (2)', async () => {
      const errors: unknown[] = [];
      const { client, start, settled } = await startWork(createStore, (Cell, app) => {
        Cell.background('work').resolve(async (self) => {
          await self.modifyState(async (s) => {
            s.n += 1;
            errors.push(await self.modifyState(() => 'ran').catch((error) => error));
            errors.push(
              await app()
                .modifyState(s.token, () => 'ran')
                .catch((error) => error),
            );
            errors.push(
              await app()
                .modifyState(app().keyOf('other'), () => 'ran')
                .catch((error) => error),
            );
          });
        });
      });
      await start();
      await settled();
      expect((await client.run(increment)).state.n).toBe(2);
      expect(errors.map((error) => error instanceof NestedModifyError)).toEqual([true, true, true]);
      expect(String(errors[0])).toMatch(/Do not nest modifyState/);
      expect(String(errors[2])).toMatch(/app\.modifyAll/);
    });

    it('can be taken by detached work, also while the handler holds its own (36)', async () => {
      const { app, client, start, settled } = await startWork(createStore, (Cell, getApp) => {
        Cell.background('work').resolve(async (self) => {
          let detached: Promise<unknown> = Promise.resolve();
          await self.modifyState(async (s) => {
            detached = getApp().detach(() =>
              getApp().modifyState(Cell, s.token, (other) => void other.lines.push('detached')),
            );
            await sleep(20); // the detached work is ready long before the handler is
            s.lines.push('handler');
          });
          await detached;
          // A parent that modifies while its child holds the lock waits for it.
          const childIn = new Deferred();
          const child = self.modifyState(async (s) => {
            childIn.resolve();
            await sleep(20);
            s.lines.push('child');
          });
          await childIn.promise;
          await self.modifyState((s) => void s.lines.push('parent'));
          await child;
        });
      });
      await start();
      await settled();
      expect((await client.run(read)).lines).toEqual(['handler', 'detached', 'child', 'parent']);
      expect(app.backgroundTasks.size).toBe(0);
    });

    it('of several tokens are held together by modifyAll, each committed by itself', async () => {
      const { app, client, cell } = await startWork(createStore, () => {});
      const keys = [app.keyOf('A'), app.keyOf('B')] as const;
      const transfer = () =>
        app.modifyAll(keys, async ([a, b]) => {
          const from = await a.getState(cell);
          const to = await b.getState(cell);
          from.n -= 1;
          await sleep(1);
          to.n += 1;
          return from.n;
        });
      const backwards = () => app.modifyAll([...keys].reverse(), () => sleep(1));
      await Promise.all([transfer(), backwards(), transfer(), backwards()]);
      const n = async (token: string) =>
        (await client.run('query ($t: ID!) { cell(token: $t) { n } }', { t: token })).n;
      expect([await n('A'), await n('B')]).toEqual([-2, 2]);

      await expect(
        app.modifyAll(keys, async ([a]) => {
          const from = await a.getState(cell);
          from.n = 100;
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(await n('A')).toBe(-2);
    });

    it('in the block form commit when the block ends, also by a throw, unless rolled back', async () => {
      const { app, client, cell } = await startWork(createStore, () => {});
      const key = app.keyOf('T');
      {
        await using s = await app.modify(cell, key);
        s.n = 1;
        await s.flush();
        s.lines.push('block');
      }
      expect(await client.run(read)).toMatchObject({ n: 1, lines: ['block'], version: 2 });
      const thrown = async () => {
        await using s = await app.modify(cell, key);
        s.n = 2;
        throw new Error('in the block');
      };
      await expect(thrown()).rejects.toThrow('in the block');
      expect((await client.run(read)).n).toBe(2);
      {
        await using s = await app.modify(cell, key);
        s.n = 3;
        await s.flush();
        s.n = 4;
        s.rollback();
        expect(s.n).toBe(3);
      }
      expect((await client.run(read)).n).toBe(3);
    });

    it('that wait too long fail and name both call sites', async () => {
      const { app, cell } = await startWork(createStore, () => {}, {
        limits: { acquireTimeoutMs: 30 },
      });
      const key = app.keyOf('T');
      await using block = await app.modify(cell, key);
      const error = await app.modify(cell, key).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(LockTimeoutError);
      const sites = String(error).match(/locks\.ts:\d+/g) ?? [];
      expect(new Set(sites).size).toBe(2);
      block.n = 7;
      await block.flush();
    });

    it('held too long are lost: nothing more is written, the next one goes on (24)', async () => {
      const inside = new Deferred();
      const goOn = new Deferred();
      const outcome: unknown[] = [];
      const { client, start, settled, failures, logs } = await startWork(
        createStore,
        (Cell) => {
          Cell.background('work').resolve(async (self) => {
            await self.modifyState(async (s) => {
              s.n = 100;
              inside.resolve();
              await goOn.promise;
              outcome.push(s.signal.aborted, s.n);
              try {
                s.n = 200;
              } catch (error) {
                outcome.push(error);
              }
            });
          });
        },
        { limits: { maxHoldMs: 40 } },
      );
      await start();
      await inside.promise;
      expect((await client.run(increment)).state.n).toBe(1); // waited for maxHoldMs
      goOn.resolve();
      await settled();
      expect(outcome).toEqual([true, 100, expect.any(LockExpiredError)]);
      expect(failures.map(({ error }) => error)).toEqual([expect.any(LockExpiredError)]);
      expect((await client.run(read)).n).toBe(1);
      expect(logs.filter(({ level }) => level === 'error')).toHaveLength(1);
    });

    it('held long are warned about once, by name (25)', async () => {
      const warned = new Deferred();
      const { start, settled, logs } = await startWork(
        createStore,
        (Cell) => {
          Cell.background('work').resolve(async (self) => {
            await self.modifyState(() => warned.promise);
          });
        },
        { limits: { warnHoldMs: 20 } },
      );
      await start();
      await until(() => logs.some(({ level }) => level === 'warn'), 'a warning');
      warned.resolve();
      await settled();
      const warnings = logs.filter(({ level }) => level === 'warn');
      expect(warnings).toHaveLength(1);
      expect(warnings[0]?.message).toMatch(/Cell\.work/);
    });

    it('that are dropped without using are warned about when they are collected', async () => {
      const { app, cell, client, logs } = await startWork(createStore, () => {}, {
        limits: { maxHoldMs: 2_000 },
      });
      const drop = async () => {
        const dropped = await app.modify(cell, app.keyOf('T'));
        dropped.n = 1;
      };
      await drop();
      await until(() => {
        collectGarbage();
        return logs.some(({ message }) => message.includes('dropped without await using'));
      }, 'a warning');
      expect(JSON.stringify(logs)).toMatch(/locks\.ts:\d+/);
      expect((await client.run(increment)).state.n).toBe(1); // it went with maxHoldMs
    });

    it('release every draft, and what was read from it', async () => {
      const { app, cell, client } = await startWork(createStore, () => {});
      const key = app.keyOf('T');
      const kept = await app.modifyState(cell, key, (s) => {
        s.lines.push('one');
        return { state: s, lines: s.lines };
      });
      expect(() => kept.lines.push('two')).toThrow(StateReleasedError);
      expect(() => kept.lines[0]).toThrow(StateReleasedError);
      expect(() => kept.lines.length).toThrow(StateReleasedError);
      expect(() => kept.state.n).toThrow(StateReleasedError);
      expect(() => {
        kept.state.n = 5;
      }).toThrow(StateReleasedError);
      expect(() => kept.state.trigger(undefined as never)).toThrow();
      await expect(kept.state.flush()).rejects.toThrow(StateReleasedError);
      await expect(kept.state.getState(cell)).rejects.toThrow(StateReleasedError);
      expect(await client.run(read)).toMatchObject({ n: 0, lines: ['one'], version: 1 });
    });

    it('lost by an event that never ends answer its client, and tell onError', async () => {
      const { client, failures } = await startLab(
        createStore,
        (builder) => {
          const Cell = defineCell(builder);
          Cell.event('hang').resolve(async (s) => {
            s.n = 100;
            await new Promise(() => {});
          });
        },
        { limits: { warnHoldMs: 10, maxHoldMs: 20 } },
      );
      const { errors } = await client.result('mutation { cellHang(token: "T") { version } }');
      expect(errors?.[0]?.extensions?.['code']).toBe('LOCK_EXPIRED');
      expect(failures.map(({ source }) => source.event)).toEqual(['hang']);
      expect(await client.run('mutation { cellIncrement(token: "T") { state { n } } }')).toEqual({
        state: { n: 1 },
      });
    });
  });
}
