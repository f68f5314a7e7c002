import { StoreUnavailableError, StoreWriteError, TaskLostError, TaskTimeoutError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { placesState } from '../../src/engine/tasks/place-list.ts';
import type { Commit } from '../../src/store/state-store.ts';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import {
  increment,
  laterMs,
  leaveOutcome,
  list,
  read,
  start,
  whenBackingOff,
  whenEnded,
} from '../support/durable.ts';
import { insteadOfCommits } from '../support/forward-store.ts';
import { holdLock } from '../support/hold-lock.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { until } from '../support/until.ts';

const watch = 'subscription { tasks(token: "T") { id status attempt progress message } }';

export function durableAttemptTests(createStore: StoreFactory): void {
  /** A store that fails the first such commit. */
  const onceInsteadOf = (isIt: (commit: Commit) => boolean, failure: () => Error) => async () => {
    let hasFailed = false;
    return insteadOfCommits(await createStore(), async (commit, forward) => {
      if (hasFailed || !isIt(commit)) return forward();
      hasFailed = true;
      throw failure();
    });
  };

  describe('a durable task', () => {
    it('waits, runs and ends like any other, in its first attempt; its onExit runs once', async () => {
      const goOn = new Deferred();
      const seen: unknown[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', { durable: true, onExit: leaveOutcome })
          .resolve(async (self) => {
            seen.push([self.taskId, self.attempt, self.resumed]);
            await goOn.promise;
            await self.modifyState(increment);
          });
      });
      const { app, client, failures } = lab;
      const subscription = client.subscribe(watch);
      await until(() => app.subscribers === 1, 'it is watched');
      const { id, ...started } = await client.run(start);
      expect(started).toEqual({ status: 'QUEUED', attempt: 1 });
      await until(() => seen.length === 1, 'it runs');
      expect(await client.run(list)).toMatchObject([{ id, status: 'RUNNING', attempt: 1 }]);
      goOn.resolve();
      const told = await subscription.takeUntil(({ status }) => status === 'SUCCEEDED');
      expect(told.every((task) => task.id === id && task.attempt === 1)).toBe(true);
      expect([...new Set(told.map(({ status }) => status))].slice(-2)).toEqual([
        'RUNNING',
        'SUCCEEDED',
      ]);
      await whenEnded(lab);
      expect(seen).toEqual([[id, 1, null]]);
      expect(await client.run(read)).toEqual({ n: 1, lines: ['SUCCEEDED'] });
      expect(failures).toEqual([]);
    });

    it('that throws is tried again on the state as it is: what it has committed stays, the rest is rolled back', async () => {
      const seen: unknown[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            durable: { attempts: 3, backoffMs: 1 },
            onExit: leaveOutcome,
          })
          .resolve(async (self) => {
            const { attempt, n } = self;
            seen.push([attempt, n, [...self.lines]]);
            await self.modifyState(increment);
            await self.modifyState((s) => {
              s.lines.push(`rolled back ${attempt}`);
              if (attempt < 3) throw new Error(`attempt ${attempt}`);
              s.lines = ['done'];
            });
          });
      });
      const { app, client, failures } = lab;
      const { id } = await client.run(start);
      const tasks = await whenEnded(lab);
      expect(tasks).toMatchObject([{ id, status: 'SUCCEEDED', attempt: 3, error: null }]);
      expect(seen).toEqual([
        [1, 0, []],
        [2, 1, []],
        [3, 2, []],
      ]);
      expect(await client.run(read)).toEqual({ n: 3, lines: ['done', 'SUCCEEDED'] });
      expect(failures.map(({ error }) => String(error))).toEqual([
        'Error: attempt 1',
        'Error: attempt 2',
      ]);
      const source = { state: 'Cell', event: 'work', computed: null, key: app.keyOf('T') };
      const expected = { ...source, taskId: id, outcome: null };
      expect(failures.map((each) => each.source)).toEqual([expected, expected]);
    });

    it.each([1, 2])(
      'that throws always has FAILED after its attempts (%i), and its onExit runs once',
      async (attempts) => {
        const errors: Error[] = [];
        const exits: unknown[] = [];
        const lab = await startLab(
          createStore,
          (builder) => {
            defineCell(builder)
              .background('work', {
                durable: { attempts, backoffMs: 1 },
                onExit: (s, { outcome, error }) => {
                  exits.push(error);
                  s.lines.push(outcome);
                },
              })
              .resolve(async (self) => {
                const error = new Error(`secret of attempt ${self.attempt}`);
                errors.push(error);
                throw error;
              });
          },
          { development: false },
        );
        const { app, client, failures } = lab;
        const token = app.issueToken();
        await client.run(start, { token });
        const error = { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' };
        expect(await whenEnded(lab, 1, token)).toMatchObject([
          { status: 'FAILED', attempt: attempts, error },
        ]);
        expect(errors).toHaveLength(attempts);
        expect(failures.map((each) => each.error)).toEqual(errors);
        expect(exits).toHaveLength(1);
        expect(exits[0]).toBe(errors.at(-1));
        const lines = 'query ($token: ID!) { cell(token: $token) { lines } }';
        expect(await client.run(lines, { token })).toEqual({ lines: ['FAILED'] });
      },
    );

    it('that waits for its next attempt is QUEUED, and listed once', async () => {
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', { durable: { backoffMs: laterMs }, onExit: leaveOutcome })
          .resolve(async () => {
            throw new Error('once');
          });
      });
      const { client, failures } = lab;
      const { id } = await client.run(start);
      await until(() => failures.length === 1, 'it has failed');
      await whenBackingOff(lab, id);
      expect(await client.run(list)).toMatchObject([{ id, attempt: 1, error: null }]);
      expect(await client.run(read)).toEqual({ n: 0, lines: [] });
    });

    it('keeps what it has reported over its attempts, and is one task to those who watch', async () => {
      const goOn = new Deferred();
      const second = new Deferred();
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 2, backoffMs: 1 } })
          .resolve(async (self) => {
            if (self.attempt === 1) {
              self.report(0.5, 'half');
              throw new Error('once');
            }
            second.resolve();
            await goOn.promise;
            self.report(1);
          });
      });
      const { app, client } = lab;
      const subscription = client.subscribe(watch);
      await until(() => app.subscribers === 1, 'it is watched');
      const { id } = await client.run(start);
      await second.promise;
      const half = { id, progress: 0.5, message: 'half', attempt: 2 };
      expect(await client.run(list)).toMatchObject([{ ...half, status: 'RUNNING' }]);
      goOn.resolve();
      const told = await subscription.takeUntil(({ status }) => status === 'SUCCEEDED');
      expect(told.at(-1)).toEqual({ ...half, progress: 1, status: 'SUCCEEDED' });
      expect(new Set(told.map((task) => task.id))).toEqual(new Set([id]));
      const attempts = told.map(({ attempt }) => attempt);
      expect(attempts).toEqual([...attempts].sort());
      expect(await whenEnded(lab)).toMatchObject([{ ...half, progress: 1 }]);
    });

    it('is tried again when it is out of time, and has FAILED with TASK_TIMEOUT at last', async () => {
      const reasons: unknown[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            ...{ durable: { attempts: 2, backoffMs: 1 }, timeoutMs: 20, onExit: leaveOutcome },
          })
          .resolve(async (self) => {
            await self.sleep(laterMs).catch(() => reasons.push(self.signal.reason));
          });
      });
      const { client, failures } = lab;
      await client.run(start);
      const error = { code: 'TASK_TIMEOUT' };
      expect(await whenEnded(lab)).toMatchObject([{ status: 'FAILED', attempt: 2, error }]);
      const twice = [expect.any(TaskTimeoutError), expect.any(TaskTimeoutError)];
      expect(reasons).toEqual(twice);
      expect(failures.map((each) => each.error)).toEqual(twice);
      expect(await client.run(read)).toEqual({ n: 0, lines: ['FAILED'] });
    });

    it('has nothing to fear of an attempt that is out of time and does not hear of it', async () => {
      const goOn = new Deferred();
      const late: unknown[] = [];
      const ended = new Deferred();
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            ...{ durable: { attempts: 2, backoffMs: 1 }, timeoutMs: 1_000, onExit: leaveOutcome },
          })
          .resolve(async (self) => {
            if (self.attempt === 2) {
              await self.modifyState((s) => void s.lines.push('second'));
              return;
            }
            await goOn.promise;
            for (const write of [
              () => self.modifyState((s) => void s.lines.push('late')),
              async () => self.report(1),
              async () => self.checkpoint('late'),
            ]) {
              await write().catch((error) => late.push(error));
            }
            ended.resolve();
          });
      });
      const { app, client } = lab;
      await client.run(start);
      await until(async () => (await client.run(read)).lines.length === 2, 'the second has ended');
      expect([...app.backgroundTasks]).toHaveLength(1);
      goOn.resolve();
      await ended.promise;
      expect(late).toEqual(Array(3).fill(expect.any(TaskTimeoutError)));
      expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 2 }]);
      expect(await client.run(read)).toEqual({ n: 0, lines: ['second', 'SUCCEEDED'] });
    });

    it('loses the lock that a failed attempt has not waited for: it commits nothing beside the next', async () => {
      const goOn = new Deferred();
      const inside = new Deferred();
      const late: Promise<unknown>[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            ...{ durable: { attempts: 2, backoffMs: 1 }, onExit: leaveOutcome },
          })
          .resolve(async (self) => {
            if (self.attempt === 2) {
              await self.modifyState((s) => void s.lines.push('second'));
              goOn.resolve();
              return;
            }
            const held = self.modifyState(async (s) => {
              s.lines.push('late');
              inside.resolve();
              await goOn.promise;
            });
            late.push(held.catch((error) => error.code));
            await inside.promise;
            throw new Error('once');
          });
      });
      await lab.client.run(start);
      expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 2 }]);
      expect(await Promise.all(late)).toEqual(['TASK_ENDED']);
      expect(await lab.client.run(read)).toEqual({ n: 0, lines: ['second', 'SUCCEEDED'] });
    });

    it('takes no lock for an attempt that has failed while it waited for it', async () => {
      const late: Promise<unknown>[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work', {
            ...{ durable: { attempts: 2, backoffMs: 1 }, onExit: leaveOutcome },
          })
          .resolve(async (self) => {
            const asked = self.modifyState((s) => void s.lines.push(`attempt ${self.attempt}`));
            if (self.attempt === 2) return asked;
            late.push(asked.catch((error) => error.code));
            throw new Error('once');
          });
      });
      const { app, client, failures } = lab;
      const release = await holdLock(app);
      await client.run(start);
      await until(() => failures.length === 1, 'it has failed');
      await release();
      expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 2 }]);
      expect(await Promise.all(late)).toEqual(['TASK_ENDED']);
      expect(await client.run(read)).toEqual({ n: 0, lines: ['attempt 2', 'SUCCEEDED'] });
    });

    it.each(['state', 'checkpoint', 'end', 'failure'])(
      'stores nothing of an attempt when a later one has begun elsewhere (its %s)',
      async (what) => {
        const goOn = new Deferred();
        const begun: unknown[] = [];
        const refused: unknown[] = [];
        const lab = await startLab(createStore, (builder) => {
          defineCell(builder)
            .background('work', { durable: { backoffMs: 1 }, onExit: leaveOutcome })
            .resolve(async (self) => {
              begun.push([self.attempt, self.resumed]);
              if (self.attempt > 1) return;
              await goOn.promise;
              if (what === 'failure') throw new Error('late');
              if (what === 'end') return;
              await self
                .modifyState((s) => {
                  if (what === 'state') s.lines.push('late');
                  else self.checkpoint('late');
                })
                .catch((error) => refused.push(error.code));
            });
        });
        const { app, client, store } = lab;
        const { id } = await client.run(start);
        await until(() => begun.length === 1, 'it runs');
        const key = app.keyOf('T');
        expect(await store.durable?.claim(key, id)).toMatchObject({
          task: { record: { attempt: 2 } },
        });
        goOn.resolve();
        await until(() => app.backgroundTasks.size === 0, 'the first is over');
        if (what === 'state' || what === 'checkpoint') expect(refused).toEqual(['SUPERSEDED']);
        await until(async () => {
          await store.durable?.handOver(key, id);
          return begun.length === 2;
        }, 'there is another');
        expect(await whenEnded(lab)).toMatchObject([{ id, status: 'SUCCEEDED', attempt: 3 }]);
        expect(begun).toEqual([
          [1, null],
          [3, null],
        ]);
        expect(await client.run(read)).toEqual({ n: 0, lines: ['SUCCEEDED'] });
      },
    );

    it.each([
      ['is away', StoreUnavailableError],
      ['has taken its process for gone', TaskLostError],
    ])(
      'has not failed when its store %s: it is tried again, however few attempts it has',
      async (_what, Failure) => {
        const away = onceInsteadOf(
          ({ task }) => task !== null,
          () => new Failure(),
        );
        const lab = await startLab(away, (builder) => {
          defineCell(builder)
            .background('work', { durable: { attempts: 1 }, onExit: leaveOutcome })
            .resolve((self) => self.modifyState(increment));
        });
        await lab.client.run(start);
        expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 2 }]);
        expect(await lab.client.run(read)).toEqual({ n: 1, lines: ['SUCCEEDED'] });
      },
    );

    it('has its end stored when its store has taken its process for gone meanwhile', async () => {
      const away = onceInsteadOf(
        ({ tasks }) => tasks.ended.length > 0,
        () => new TaskLostError(),
      );
      const lab = await startLab(away, (builder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 1 }, onExit: leaveOutcome })
          .resolve(async () => {});
      });
      await lab.client.run(start);
      expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 1 }]);
      await until(async () => (await lab.client.run(read)).lines.length > 0, 'its onExit');
      expect((await lab.client.run(read)).lines).toEqual(['SUCCEEDED']);
      expect(lab.failures).toEqual([]);
    });

    it('waits when the store has no room for the list of those that wait: it has not failed', async () => {
      let refused = 0;
      let isFull = true;
      const full = async () =>
        insteadOfCommits(await createStore(), async ({ after }, forward) => {
          if (isFull && placesState.name in after.states) {
            refused += 1;
            throw new StoreWriteError();
          }
          await forward();
        });
      const lab = await startLab(full, (builder) => {
        defineCell(builder)
          .background('work', { durable: { attempts: 1 }, concurrency: { limit: 1 } })
          .resolve((self) => self.modifyState(increment));
      });
      const { id } = await lab.client.run(start);
      await until(() => refused >= 2, 'neither can it wait nor begin');
      expect(await lab.client.run(list)).toMatchObject([{ id, status: 'QUEUED' }]);
      isFull = false;
      expect(await whenEnded(lab)).toMatchObject([{ id, status: 'SUCCEEDED', attempt: 1 }]);
      expect((await lab.client.run(read)).n).toBe(1);
      expect(lab.failures).toEqual([]);
    });
  });
}
