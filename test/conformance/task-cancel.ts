import { setTimeout as timer } from 'node:timers/promises';
import { type StateStore, TaskCancelledError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { beforeCommits, insteadOfCommits } from '../support/forward-store.ts';
import { type Lab, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { statusesOf } from '../support/task-statuses.ts';
import { startTwoNodes } from '../support/two-nodes.ts';
import { until } from '../support/until.ts';
import type { CreateRestartable } from './restart.ts';

const read = '{ cell(token: "T") { n lines } }';
const increment = 'mutation { cellIncrement(token: "T") { state { n } } }';
const start = 'mutation { cellWork(token: "T") { id status } }';
const cancel = `mutation ($id: ID!, $token: ID = "T") {
  cancelTask(token: $token, id: $id) { id status error { code } endedAt }
}`;
const task = 'query ($id: ID!) { task(token: "T", id: $id) { status endedAt } }';

export function taskCancelTests(createRestartable: CreateRestartable, nodes: boolean): void {
  const createStore: StoreFactory = () => createRestartable()();

  describe('cancelTask', () => {
    it('ends a task before it starts: its handler never runs, its onExit does (21)', async () => {
      const goOn = new Deferred();
      const log: string[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            concurrency: { limit: 1 },
            onExit: (s, { outcome }) => void s.lines.push(outcome),
          })
          .resolve(async () => {
            log.push('ran');
            await goOn.promise;
          });
      });
      await client.run(start);
      const { id, status } = await client.run(start);
      expect(status).toBe('QUEUED');
      const ended = await client.run(cancel, { id });
      expect(ended).toEqual({ id, status: 'CANCELLED', error: null, endedAt: expect.any(Number) });
      await until(async () => (await client.run(read)).lines.length === 1, 'its onExit');
      await until(() => app.backgroundTasks.size === 1, 'the one that runs is left');
      goOn.resolve();
      await noTask(app);
      expect(log).toEqual(['ran']);
      expect((await client.run(read)).lines).toEqual(['CANCELLED', 'SUCCEEDED']);
    });

    it('ends a task that sleeps, and one that waits for a timer of its own, which stays until it settles (21)', async () => {
      const reasons: unknown[] = [];
      const goOn = new Deferred();
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const onExit = (s: { lines: string[] }, { outcome }: { outcome: string }) =>
          void s.lines.push(outcome);
        Cell.background('work', { onExit }).resolve(async (self) => {
          await self.sleep(3_600_000).catch((error) => {
            reasons.push(error, self.signal.reason);
            throw error;
          });
        });
        Cell.background('deaf', { onExit }).resolve(async (self) => {
          await goOn.promise;
          await timer(1);
          reasons.push(self.signal.aborted);
          await self.sleep(1).catch((error) => reasons.push(error));
          self.signal.throwIfAborted();
        });
      });
      const sleeping = await client.run(start);
      expect(await client.run(cancel, { id: sleeping.id })).toMatchObject({ status: 'CANCELLED' });
      await noTask(app);
      expect(reasons).toEqual([expect.any(TaskCancelledError), expect.any(TaskCancelledError)]);
      expect(reasons[0]).toBe(reasons[1]);

      const { id } = await client.run('mutation { cellDeaf(token: "T") { id } }');
      expect(await client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      await until(async () => (await client.run(read)).lines.length === 2, 'its onExit');
      expect([...app.backgroundTasks].map(({ status }) => status)).toEqual(['CANCELLED']);
      goOn.resolve();
      await noTask(app);
      expect(reasons.slice(2)).toEqual([true, expect.any(TaskCancelledError)]);
      expect((await client.run(read)).lines).toEqual(['CANCELLED', 'CANCELLED']);
    });

    it('takes the lock of a task in block form: its drafts throw, nothing of it is stored (21)', async () => {
      const inside = new Deferred();
      const goOn = new Deferred();
      const seen: unknown[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', { onExit: (s, { outcome }) => void s.lines.push(outcome) })
          .resolve(async (self) => {
            await using s = await self.modify();
            const { lines } = s;
            s.n = 100;
            inside.resolve();
            await goOn.promise;
            for (const write of [() => (s.n = 1), () => lines.push('late'), () => s.reset()]) {
              try {
                write();
                seen.push('written');
              } catch (error) {
                seen.push(error);
              }
            }
          });
      });
      const { id } = await client.run(start);
      await inside.promise;
      expect(await client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      expect((await client.run(increment)).state.n).toBe(1); // the lock is free
      goOn.resolve();
      await noTask(app);
      expect(seen).toEqual(Array(3).fill(expect.any(TaskCancelledError)));
      expect(await client.run(read)).toEqual({ n: 1, lines: ['CANCELLED'] });
    });

    it('keeps what a lock has flushed, and drops the rest', async () => {
      const inside = new Deferred();
      const goOn = new Deferred();
      let late: unknown = null;
      const { app, client } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            await self.modifyState(async (s) => {
              s.n = 1;
              await s.flush();
              s.n = 2;
              inside.resolve();
              await goOn.promise;
              late = await s.flush().catch((error: unknown) => error);
            });
          });
      });
      const { id } = await client.run(start);
      await inside.promise;
      await client.run(cancel, { id });
      goOn.resolve();
      await noTask(app);
      expect(late).toBeInstanceOf(TaskCancelledError);
      expect((await client.run(read)).n).toBe(1);
    });

    it('takes with it what it has triggered and has not begun, itself or through events; what has begun goes on (21)', async () => {
      const goOn = new Deferred();
      const triggered = new Deferred();
      const log: string[] = [];
      const { app, client, failures } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const note = (line: string) => async () => void log.push(line);
        const concurrency = { limit: 1 };
        const onExit = (s: { lines: string[] }, { outcome }: { outcome: string }) =>
          void s.lines.push(outcome);
        const waiting = Cell.background('waiting', { concurrency, onExit }).resolve(
          async (self) => {
            log.push(`waiting ${self.taskId}`);
            await goOn.promise;
          },
        );
        const lasting = Cell.background('lasting', {
          concurrency: { limit: 1, key: () => 'lasting' },
          detached: true,
        }).resolve(note('lasting'));
        const running = Cell.background('running').resolve(async () => {
          await goOn.promise;
          log.push('running');
        });
        const quick = Cell.event('quick').resolve(() => [waiting, running]);
        const blocked = Cell.event('blocked').resolve(() => {
          log.push('blocked');
        });
        const exempt = Cell.event('exempt', { detached: true }).resolve(() => {
          log.push('exempt');
        });
        Cell.background('work', { onExit }).resolve(async (self) => {
          self.trigger(waiting);
          self.trigger(quick);
          await triggered.promise;
          self.trigger(blocked);
          self.trigger(exempt);
          self.trigger(lasting);
          await goOn.promise;
        });
      });
      await client.run('mutation { cellWaiting(token: "T") { id } }');
      const { id } = await client.run(start);
      await until(async () => {
        const { waiting = [], running = [] } = await statusesOf(client);
        return waiting.length === 3 && running.length === 1;
      }, 'two that wait for their turn, and one that runs');
      const inLock = new Deferred();
      const leave = new Deferred();
      const holding = app.modifyState(app.keyOf('T'), async () => {
        inLock.resolve();
        await leave.promise;
      });
      await inLock.promise;
      triggered.resolve();
      await until(
        async () => (await statusesOf(client))['lasting'] !== undefined,
        'all is triggered',
      );
      expect(await client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      // At once: their onExit still waits for the lock.
      expect(await statusesOf(client)).toMatchObject({
        waiting: ['RUNNING', 'CANCELLED', 'CANCELLED'],
        work: ['CANCELLED'],
        running: ['RUNNING'],
      });
      leave.resolve();
      await holding;
      await until(() => log.includes('exempt') && log.includes('lasting'), 'what is exempt');
      goOn.resolve();
      await noTask(app);
      expect(log.map((line) => line.split(' ')[0]).sort()).toEqual([
        'exempt',
        'lasting',
        'running',
        'waiting',
      ]);
      expect(await statusesOf(client)).toEqual({
        waiting: expect.arrayContaining(['SUCCEEDED', 'CANCELLED', 'CANCELLED']),
        work: ['CANCELLED'],
        running: ['SUCCEEDED'],
        lasting: ['SUCCEEDED'],
      });
      const { lines } = await client.run(read);
      expect(lines.sort()).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED', 'SUCCEEDED']);
      expect(failures).toEqual([]);
    });

    it('answers with a task that has ended as it ended, twice with the same, and refuses what is not of the token', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('work').resolve(async () => {});
        Cell.background('fail').resolve(async () => {
          throw new Error('failed');
        });
        Cell.background('sleep').resolve((self) => self.sleep(3_600_000));
      });
      const done = await client.run(start);
      const failed = await client.run('mutation { cellFail(token: "T") { id } }');
      await noTask(app);
      expect(await client.run(cancel, { id: done.id })).toMatchObject({ status: 'SUCCEEDED' });
      expect(await client.run(cancel, { id: failed.id })).toMatchObject({
        status: 'FAILED',
        error: { code: 'INTERNAL_SERVER_ERROR' },
      });
      const { id } = await client.run('mutation { cellSleep(token: "T") { id } }');
      const [first, second] = await Promise.all([
        client.run(cancel, { id }),
        client.run(cancel, { id }),
      ]);
      expect(first.status).toBe('CANCELLED');
      expect(second).toEqual(first);
      await noTask(app);
      expect(await client.run(cancel, { id })).toEqual(first);
      for (const unknown of ['', 'nobody', id.toUpperCase(), 'ł'.repeat(2_000), `${id}\0`]) {
        const { errors } = await client.result(cancel, { id: unknown });
        expect(errors?.[0]?.extensions?.['code']).toBe('UNKNOWN_TASK');
      }
      const { errors } = await client.result(cancel, { id, token: 'U' });
      expect(errors?.[0]?.extensions?.['code']).toBe('UNKNOWN_TASK');
    });

    it('keeps a handler from the state that catches every error and goes on', async () => {
      let isOver = false;
      let turns = 0;
      const { app, client, failures } = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            while (!isOver) {
              turns += 1;
              await self.modifyState((s) => void s.lines.push('again')).catch(() => timer(1));
              try {
                self.report(0.5, 'again');
                self.trigger(null as never);
              } catch {}
            }
          });
      });
      const { id } = await client.run(start);
      await until(() => turns > 5, 'it is at it');
      await client.run(cancel, { id });
      const { lines } = await client.run(read);
      const atCancel = turns;
      await until(() => turns > atCancel + 5, 'it goes on');
      expect((await client.run(read)).lines).toEqual(lines);
      expect([...app.backgroundTasks].map(({ status }) => status)).toEqual(['CANCELLED']);
      isOver = true;
      await noTask(app);
      expect(await client.run(task, { id })).toMatchObject({ status: 'CANCELLED' });
      expect(failures).toEqual([]);
    });

    it('can be asked of the app, from within an event, and by the task itself in its own lock', async () => {
      const outcomes: unknown[] = [];
      let lab: Lab | null = null;
      const cancelOwn = (self: { token: unknown; taskId: string }) =>
        lab?.app.cancelTask(self.token as never, self.taskId);
      lab = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('work').resolve((self) => self.sleep(3_600_000));
        Cell.event('stop', { args: (t) => ({ id: t.string({ required: true }) }) }).resolve(
          async (s, { id }) => {
            s.lines.push((await lab?.app.cancelTask(s.token, id))?.status ?? 'none');
          },
        );
        Cell.background('own').resolve(async (self) => {
          await self
            .modifyState(async (s) => {
              s.n = 5;
              outcomes.push((await cancelOwn(self))?.status);
              s.n = 6;
            })
            .catch((error) => outcomes.push(error));
        });
      });
      const { app, client } = lab;
      const key = app.keyOf('T');
      const first = await client.run(start);
      expect(await app.cancelTask(key, first.id)).toMatchObject({ status: 'CANCELLED' });
      const second = await client.run(start);
      await client.run('mutation ($id: String!) { cellStop(token: "T", id: $id) { version } }', {
        id: second.id,
      });
      await client.run('mutation { cellOwn(token: "T") { id } }');
      await noTask(app);
      expect(outcomes).toEqual(['CANCELLED', expect.any(TaskCancelledError)]);
      expect(await client.run(read)).toEqual({ n: 0, lines: ['CANCELLED'] });
      expect(await statusesOf(client)).toEqual({
        work: ['CANCELLED', 'CANCELLED'],
        own: ['CANCELLED'],
      });
      await expect(app.cancelTask(key, 'nobody')).rejects.toMatchObject({ code: 'UNKNOWN_TASK' });
    });

    it.each([
      ['not yet there', 0],
      ['there already', 1],
    ])('leaves a commit that is in the hands of the store, and %s, to the store', async (_, n) => {
      const asked = new Deferred();
      const goOn = new Deferred();
      const results: unknown[] = [];
      let isHeld = false;
      const hold = async () => {
        if (isHeld) return;
        isHeld = true;
        asked.resolve();
        await goOn.promise;
      };
      const holdBack = (store: StateStore): StateStore =>
        n === 0
          ? beforeCommits(store, hold)
          : insteadOfCommits(store, async (_commit, forward) => {
              await forward();
              await hold();
            });
      const { app, client } = await startLab(
        async () => holdBack(await createStore()),
        (builder) => {
          defineCell(builder)
            .background('work', { onExit: (s, { outcome }) => void s.lines.push(outcome) })
            .resolve(async (self) => {
              await self
                .modifyState((s) => {
                  s.n = 1;
                })
                .then(
                  () => results.push('stored'),
                  (error) => results.push(error),
                );
            });
        },
      );
      const { id } = await client.run(start);
      await asked.promise;
      expect(await client.run(cancel, { id })).toMatchObject({ status: 'CANCELLED' });
      goOn.resolve();
      await noTask(app);
      expect(results).toEqual([n === 1 ? 'stored' : expect.any(TaskCancelledError)]);
      expect(await client.run(read)).toEqual({ n, lines: ['CANCELLED'] });
      expect(await statusesOf(client)).toEqual({ work: ['CANCELLED'] });
    });
  });

  describe.runIf(nodes)('cancelTask on another node', () => {
    it('ends a task that waits, which never runs, and one that runs, which is told', async () => {
      const begun: string[] = [];
      const told = new Deferred<unknown>();
      const { a, b } = await startTwoNodes(createRestartable(), (builder) => {
        defineCell(builder)
          .background('work', {
            concurrency: { limit: 1 },
            onExit: (s, { outcome }) => void s.lines.push(outcome),
          })
          .resolve(async (self) => {
            begun.push(self.taskId);
            self.signal.addEventListener('abort', () => told.resolve(self.signal.reason));
            await self.sleep(3_600_000);
          });
      });
      const running = await a.client.run(start);
      await until(() => begun.length === 1, 'it runs');
      const waiting = await a.client.run(start);
      expect(await b.client.run(cancel, { id: waiting.id })).toMatchObject({ status: 'CANCELLED' });
      const askedAt = performance.now();
      expect(await b.client.run(cancel, { id: running.id })).toMatchObject({ status: 'CANCELLED' });
      expect(await told.promise).toBeInstanceOf(TaskCancelledError);
      expect(performance.now() - askedAt).toBeLessThan(1_000);
      await noTask(a.app);
      expect(begun).toEqual([running.id]);
      for (const { client } of [a, b]) {
        expect(await statusesOf(client)).toEqual({ work: ['CANCELLED', 'CANCELLED'] });
        expect((await client.run(read)).lines).toEqual(['CANCELLED', 'CANCELLED']);
      }
      const again = await b.client.run(cancel, { id: running.id });
      expect(again).toMatchObject({ status: 'CANCELLED' });
      expect(await a.client.run(cancel, { id: running.id })).toEqual(again);
    });

    it('keeps a deaf handler from the state, and what it triggers from then on', async () => {
      let isOver = false;
      let turns = 0;
      const { a, b } = await startTwoNodes(createRestartable(), (builder) => {
        const Cell = defineCell(builder);
        const event = Cell.event('event').resolve((s) => void s.lines.push('event'));
        Cell.background('work').resolve(async (self) => {
          while (!isOver) {
            turns += 1;
            await self.modifyState((s) => void s.lines.push('again')).catch(() => timer(1));
            try {
              if (self.signal.aborted) self.trigger(event);
            } catch {}
          }
        });
      });
      const { id } = await a.client.run(start);
      await until(() => turns > 5, 'it is at it');
      await b.client.run(cancel, { id });
      const { lines } = await b.client.run(read);
      const atCancel = turns;
      await until(() => turns > atCancel + 5, 'it goes on');
      for (const { client } of [a, b]) expect((await client.run(read)).lines).toEqual(lines);
      await until(() => [...a.app.backgroundTasks][0]?.status === 'CANCELLED', 'it is told');
      isOver = true;
      await noTask(a.app);
      expect((await b.client.run(read)).lines).toEqual(lines);
      expect(await statusesOf(b.client)).toEqual({ work: ['CANCELLED'] });
    });

    it('takes the lock that the task holds, for whoever waits on whatever node', async () => {
      const inside = new Deferred();
      const goOn = new Deferred();
      let late: unknown = null;
      const { a, b } = await startTwoNodes(createRestartable(), (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            await self.modifyState(async (s) => {
              s.n = 100;
              inside.resolve();
              await goOn.promise;
              try {
                s.n = 200;
              } catch (error) {
                late = error;
              }
            });
          });
      });
      const { id } = await a.client.run(start);
      await inside.promise;
      const waiting = [a, b].map(({ client }) => client.run(increment));
      await b.client.run(cancel, { id });
      const results = await Promise.all(waiting);
      expect(results.map(({ state }) => state.n).sort()).toEqual([1, 2]);
      goOn.resolve();
      await noTask(a.app);
      expect(late).toBeInstanceOf(TaskCancelledError);
      expect((await b.client.run(read)).n).toBe(2);
    });

    it('takes with it what waits on the node of the task', async () => {
      const goOn = new Deferred();
      let runs = 0;
      const { a, b } = await startTwoNodes(createRestartable(), (builder) => {
        const Cell = defineCell(builder);
        const child = Cell.background('child', { concurrency: { limit: 1 } }).resolve(async () => {
          runs += 1;
          await goOn.promise;
        });
        Cell.background('work').resolve(async (self) => {
          self.trigger(child);
          self.trigger(child);
          await self.sleep(3_600_000);
        });
      });
      const { id } = await a.client.run(start);
      await until(async () => {
        const { child = [] } = await statusesOf(b.client);
        return child.includes('QUEUED') && child.includes('RUNNING');
      }, 'one runs, and one waits');
      await b.client.run(cancel, { id });
      await until(async () => {
        const { child = [] } = await statusesOf(b.client);
        return child.includes('CANCELLED') && child.includes('RUNNING');
      }, 'the one that waits is cancelled');
      goOn.resolve();
      await noTask(a.app);
      expect(runs).toBe(1);
    });
  });
}
