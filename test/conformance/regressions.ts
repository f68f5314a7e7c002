import { setTimeout as sleep } from 'node:timers/promises';
import { StateReleasedError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../support/deferred.ts';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';

function defineCell(builder: LabBuilder) {
  return builder.state('Cell', {
    vars: (t) => ({
      n: t.int({ default: 0 }),
      ready: t.boolean({ default: false }),
      tags: t.stringList({ default: [] }),
      numbers: t.intList({ default: [] }),
    }),
    backend: () => ({ rows: [] as { id: number }[] }),
    computed: (t) => ({ count: t.int({ resolve: (s) => s.rows.length }) }),
  });
}

/** What was found broken once, named after its cause. */
export function regressionTests(createStore: StoreFactory): void {
  describe('once broken', () => {
    it('default arguments, and those of a shared reference, are copied for each run', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const keep = Cell.event('keep', {
          args: (t) => ({ tags: t.stringList({ required: true, defaultValue: ['base'] }) }),
        }).resolve((s, { tags }) => {
          s.tags = tags;
          s.tags.push(`of ${s.token}`);
        });
        const shared = keep.with({ tags: [] });
        Cell.event('shared').resolve(() => shared);
      });
      for (const token of ['A', 'B']) {
        const run = (field: string) =>
          client.run(`mutation { ${field}(token: "${token}") { state { tags } } }`);
        expect((await run('cellKeep')).state.tags).toHaveLength(2);
        await run('cellShared');
        let tags: string[] = [];
        while (tags.length !== 1) {
          ({ tags } = await client.run(`{ cell(token: "${token}") { tags } }`));
        }
      }
    });

    it('onExit and follow-ups wait for their lock as long as it takes', async () => {
      const exits: string[] = [];
      const inside = new Deferred();
      const { app, client, failures } = await startLab(
        createStore,
        (builder) => {
          const Cell = defineCell(builder);
          const step = Cell.event('step').resolve(async (s) => {
            await sleep(10);
            s.n += 1;
          });
          const task = Cell.background('task', {
            onExit: (_s, { outcome }) => void exits.push(outcome),
          }).resolve(async () => {});
          Cell.event('start').resolve(() => [task, ...Array(10).fill(step)]);
          Cell.event('hold').resolve(async () => {
            inside.resolve();
            await sleep(60);
          });
        },
        { limits: { acquireTimeoutMs: 20 } },
      );
      await client.run('mutation { cellStart(token: "T") { version } }');
      await until(() => exits.length === 1, 'onExit');
      let n = 0;
      while (n < 10) ({ n } = await client.run('{ cell(token: "T") { n } }'));
      expect(exits).toEqual(['SUCCEEDED']);
      expect(failures).toEqual([]);
      await noTask(app);
      inside.resolve();
    });

    it('a default that throws once does not break the state of its token', async () => {
      let fails = false;
      const { client } = await startLab(createStore, (builder) => {
        builder.state('Cell', {
          vars: (t) => ({
            n: t.int({
              default: () => {
                if (fails) throw new Error('not now');
                return 1;
              },
            }),
          }),
        });
      });
      fails = true;
      expect((await client.result('{ cell(token: "T") { n } }')).errors).toHaveLength(1);
      fails = false;
      expect(await client.run('{ cell(token: "T") { n } }')).toEqual({ n: 1 });
    });

    it('a block that cannot open its state lets go of the lock', async () => {
      let fails = false;
      let cell: { readonly definition: never } | undefined;
      const { app } = await startLab(createStore, (builder) => {
        cell = builder.state('Cell', {
          vars: (t) => ({
            n: t.int({
              default: () => {
                if (fails) throw new Error('not now');
                return 1;
              },
            }),
          }),
        }) as never;
      });
      fails = true;
      const key = app.keyOf('T');
      await expect(app.modify(cell as never, key)).rejects.toThrow('not now');
      expect(await app.modifyState(key, () => 'free')).toBe('free');
    });

    it('a cursor of another token gives a snapshot, never a silent fork', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.event('increment').resolve((s) => {
          s.n += 1;
        });
      });
      const watch =
        'subscription ($t: ID!, $since: String) { cell(token: $t, since: $since) { cursor reset state { n } } }';
      for (const increments of [0, 2]) {
        for (let i = 0; i < increments; i += 1) {
          await client.run('mutation { cellIncrement(token: "A") { version } }');
          await client.run('mutation { cellIncrement(token: "B") { version } }');
        }
        const onA = client.subscribe(watch, { t: 'A' });
        const { cursor } = await onA.next();
        await onA.close();
        const onB = client.subscribe(watch, { t: 'B', since: cursor });
        expect(await onB.next()).toMatchObject({ reset: true, state: { n: increments } });
        await onB.close();
      }
    });

    it('a commit may have more operations than a call takes arguments', async () => {
      let cell: ReturnType<typeof defineCell> | undefined;
      const { app } = await startLab(createStore, (builder) => {
        cell = defineCell(builder);
      });
      const key = app.keyOf('T');
      const Cell = cell as ReturnType<typeof defineCell>;
      await app.modifyState(Cell, key, (s) => {
        s.numbers = Array.from({ length: 200_000 }, (_, i) => i);
      });
      const sum = await app.modifyState(Cell, key, (s) => {
        s.numbers = s.numbers.map((each) => each + 1);
        return s.numbers.length;
      });
      expect(sum).toBe(200_000);
    });

    it('looking at a computed var changes nothing of what a handler has in hand', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.event('look').resolve((s) => {
          const row = { id: 1 };
          s.rows.push(row);
          s.n = s.count;
          row.id = 2;
          s.tags = [
            String(s.rows[0]?.id),
            String(s.rows.indexOf(row)),
            String(s.rows.includes(row)),
          ];
        });
        Cell.event('again').resolve((s) => {
          s.tags = [String(s.rows[0]?.id)];
        });
      });
      const look = await client.run('mutation { cellLook(token: "T") { state { n tags count } } }');
      expect(look.state).toEqual({ n: 1, tags: ['2', '0', 'true'], count: 1 });
      const again = await client.run('mutation { cellAgain(token: "T") { state { tags } } }');
      expect(again.state.tags).toEqual(['2']);
    });

    it('rollback after the lock revives nothing', async () => {
      let cell: ReturnType<typeof defineCell> | undefined;
      const { app } = await startLab(createStore, (builder) => {
        cell = defineCell(builder);
      });
      const held = await app.modifyState(
        cell as ReturnType<typeof defineCell>,
        app.keyOf('T'),
        (s) => ({
          s,
        }),
      );
      expect(() => held.s.rollback()).toThrow(StateReleasedError);
      expect(() => held.s.version).toThrow(StateReleasedError);
      expect(() => {
        held.s.n = 5;
      }).toThrow(StateReleasedError);
    });

    it('what was triggered before a flush that failed runs with the next one', async () => {
      const ran: string[] = [];
      const { client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const follow = Cell.event('follow').resolve(() => void ran.push('followed'));
        Cell.event('recover').resolve(async (s) => {
          s.trigger(follow);
          s.n = Number.NaN;
          await s.flush().catch(() => ran.push('refused'));
          s.n = 1;
        });
      });
      const { state } = await client.run('mutation { cellRecover(token: "T") { state { n } } }');
      expect(state.n).toBe(1);
      await until(() => ran.length === 2, 'the follow-up');
      expect(ran).toEqual(['refused', 'followed']);
    });

    it('a task that waits in a busy loop of locks leaves others their turn', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        Cell.background('wait').resolve(async (self) => {
          while (!(await self.modifyState((s) => s.ready)));
        });
        Cell.event('ready').resolve((s) => {
          s.ready = true;
        });
      });
      await client.run('mutation { cellWait(token: "T") { id } }');
      await client.run('mutation { cellReady(token: "T") { version } }');
      await noTask(app);
    });

    it('an onError that rejects is logged, and ends nothing', async () => {
      const { client, logs } = await startLab(
        createStore,
        (builder) => {
          defineCell(builder)
            .event('fail')
            .resolve(() => {
              throw new Error('failed');
            });
        },
        { onError: (async () => Promise.reject(new Error('in onError'))) as never },
      );
      await client.result('mutation { cellFail(token: "T") { version } }');
      await until(() => logs.some(({ message }) => message === 'onError threw'), 'a log line');
    });

    it('what ends while the app closes starts nothing', async () => {
      const { app, server, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const forever = Cell.background('forever', {
          onExit: (s) => {
            s.trigger(forever);
          },
        }).resolve(
          (self) =>
            new Promise((_resolve, reject) => {
              self.signal.addEventListener('abort', () => reject(self.signal.reason));
            }),
        );
      });
      await client.run('mutation { cellForever(token: "T") { id } }');
      await server.close();
      expect(app.backgroundTasks.size).toBe(0);
    });

    it('what the app and a task ask for in one turn passes in the order in which they asked', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        const note = Cell.event('note', {
          args: (t) => ({ line: t.string({ required: true }) }),
        }).resolve((s, { line }) => {
          s.tags.push(line);
        });
        Cell.background('work').resolve(async (self) => {
          await Promise.all([
            app.dispatch(note.with({ line: 'event' }), self.token),
            self.modifyState((s) => void s.tags.push('task')),
            app.modifyState(Cell, self.token, (s) => void s.tags.push('app')),
            self.modifyState((s) => void s.tags.push('task again')),
          ]);
        });
      });
      await client.run('mutation { cellWork(token: "T") { id } }');
      await noTask(app);
      expect(await client.run('{ cell(token: "T") { tags } }')).toEqual({
        tags: ['event', 'task', 'app', 'task again'],
      });
    });

    it('a default that throws stops no commit of another state', async () => {
      let broken = false;
      const { client } = await startLab(createStore, (builder) => {
        const Cell = defineCell(builder);
        builder.state('Late', {
          parent: Cell,
          vars: (t) => ({
            own: t.int({
              default: () => {
                if (broken) throw new Error('no default today');
                return 1;
              },
            }),
          }),
          computed: (t) => ({ sum: t.int({ resolve: (s) => s.own + s.parent.n }) }),
        });
        Cell.event('increment').resolve((s) => {
          s.n += 1;
        });
      });
      for (const token of ['A', 'B']) {
        broken = true;
        const increment = `mutation { cellIncrement(token: "${token}") { state { n } } }`;
        expect(await client.run(increment)).toEqual({ state: { n: 1 } });
        const read = `{ late(token: "${token}") { sum } }`;
        expect((await client.result(read)).errors).toHaveLength(1);
        broken = false;
        expect(await client.run(read)).toEqual({ sum: 2 });
        expect(await client.run(increment)).toEqual({ state: { n: 2 } });
        expect(await client.run(read)).toEqual({ sum: 3 });
      }
    });
  });
}
