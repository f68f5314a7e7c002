import { describe, expect, it } from 'vitest';
import { Deferred } from '../support/deferred.ts';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';

const watch = 'subscription { log(token: "T") { version since changed state { n lines v } } }';

function defineLog(builder: LabBuilder) {
  return builder.state('Log', {
    vars: (t) => ({
      n: t.int({ default: 0 }),
      v: t.string({ default: '' }),
      lines: t.stringList({ default: [] }),
    }),
    backend: () => ({ hidden: 0 }),
  });
}

export function eventTests(createStore: StoreFactory): void {
  describe('events', () => {
    it('flush at a bare yield, and commit the rest at the end (27)', async () => {
      const gate = new Deferred();
      const { client } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        Log.event('interim').resolve(async function* (s) {
          s.v = 'interim';
          yield;
          await gate.promise;
          s.v = 'final';
        });
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      const event = client.run('mutation { logInterim(token: "T") { version } }');
      expect((await subscription.next()).state.v).toBe('interim');
      gate.resolve();
      const last = await subscription.next();
      expect(last.state.v).toBe('final');
      expect((await event).version).toBe(last.version);
    });

    it('of five yields give five diffs (27)', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        Log.event('five').resolve(function* (s) {
          for (let i = 1; i <= 5; i += 1) {
            s.n = i;
            yield;
          }
        });
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      const { version } = await client.run('mutation { logFive(token: "T") { version } }');
      const diffs = await subscription.takeUntil((diff) => diff.version === version);
      expect(diffs.map(({ state }) => state.n)).toEqual([1, 2, 3, 4, 5]);
    });

    it('keep drafts alive over a flush', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        Log.event('append').resolve(async function* (s) {
          const { lines } = s;
          for (const line of ['a', 'b', 'c']) {
            lines.push(line);
            yield;
          }
        });
      });
      const { state } = await client.run('mutation { logAppend(token: "T") { state { lines } } }');
      expect(state.lines).toEqual(['a', 'b', 'c']);
    });

    it('run what they returned after their own commit, in order (26)', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        const arg = Log.event('arg', {
          args: (t) => ({ value: t.int({ required: true }) }),
        }).resolve((s, { value }) => {
          s.lines.push(`arg ${value}`);
        });
        Log.event('return').resolve((s) => {
          s.lines.push('own');
          return [arg.with({ value: 7 }), arg.with({ value: 8 }), arg.with({ value: 9 })];
        });
        Log.event('yield').resolve(function* (s) {
          for (const value of [7, 8, 9]) {
            s.lines.push(`own ${value}`);
            yield arg.with({ value });
          }
        });
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      await client.run('mutation { logReturn(token: "T") { version } }');
      const returned = await subscription.takeUntil(({ state }) => state.lines.length === 4);
      expect(returned.at(-1).state.lines).toEqual(['own', 'arg 7', 'arg 8', 'arg 9']);
      expect(returned).toHaveLength(4);

      await client.run('mutation { logYield(token: "T") { version } }');
      const yielded = await subscription.takeUntil(({ state }) => state.lines.length === 10);
      expect(yielded.at(-1).state.lines.slice(4)).toEqual([
        ...['own 7', 'own 8', 'own 9'],
        ...['arg 7', 'arg 8', 'arg 9'],
      ]);
    });

    it('that are generators run their finally blocks, also when a flush is refused', async () => {
      const ran: string[] = [];
      const { client, failures } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        Log.event('refused').resolve(async function* (s) {
          try {
            s.n = 1;
            s.lines.push(Number.NaN as never);
            yield;
            ran.push('went on');
          } finally {
            ran.push('finally');
          }
        });
      });
      const { errors } = await client.result('mutation { logRefused(token: "T") { version } }');
      expect(errors?.[0]?.extensions).toEqual({ code: 'VALUE_NOT_STORABLE', retryable: false });
      expect(errors?.[0]?.message).toContain('Log.lines[0]');
      expect(ran).toEqual(['finally']);
      expect(failures).toHaveLength(1);
      expect(await client.run('{ log(token: "T") { n lines } }')).toEqual({ n: 0, lines: [] });
    });

    it('copy the arguments of what they trigger', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        const arg = Log.event('arg', {
          args: (t) => ({ lines: t.stringList({ required: true }) }),
        }).resolve((s, { lines }) => {
          s.v = lines.join();
        });
        Log.event('trigger').resolve((s) => {
          s.lines.push('before');
          const given = [...s.lines];
          s.trigger(arg.with({ lines: given }));
          given.push('after');
        });
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      await client.run('mutation { logTrigger(token: "T") { version } }');
      const diffs = await subscription.takeUntil(({ state }) => state.v !== '');
      expect(diffs.at(-1).state.v).toBe('before');
    });

    it('that throw change nothing and trigger nothing; the next in the queue runs (18, 19, 20, 28)', async () => {
      const { client, failures } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        const follow = Log.event('follow').resolve((s) => {
          s.lines.push('followed');
        });
        Log.event('fail').resolve((s) => {
          s.n = 99;
          s.trigger(follow);
          throw new Error('secret');
        });
        Log.event('failLate').resolve(function* (s) {
          s.n = 1;
          yield follow;
          yield;
          s.n = 2;
          yield follow;
          throw new Error('late');
        });
        Log.event('increment').resolve((s) => {
          s.n += 1;
        });
        Log.event('noop').resolve(() => {});
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      const [failed, next] = await Promise.all([
        client.result('mutation { logFail(token: "T") { version } }'),
        client.run('mutation { logIncrement(token: "T") { version state { n } } }'),
      ]);
      expect(failed.errors).toMatchObject([
        { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      ]);
      expect(next.state.n).toBe(1);
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatchObject({
        error: new Error('secret'),
        source: { state: 'Log', event: 'fail', taskId: null },
      });
      expect((await subscription.next()).state).toEqual({ n: 1, v: '', lines: [] });

      await client.run('mutation { logIncrement(token: "T") { version } }');
      await subscription.next();
      await client.result('mutation { logFailLate(token: "T") { version } }');
      const { version } = await client.run('mutation { logNoop(token: "T") { version } }');
      const diffs = await subscription.takeUntil((diff) => diff.version >= version);
      expect(diffs.map(({ state }) => state)).toEqual([
        { n: 1, v: '', lines: [] },
        { n: 1, v: '', lines: ['followed'] },
      ]);
      expect(failures).toHaveLength(2);
    });

    it('that change only backend vars, or nothing, have the version that was there (38)', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        Log.event('set').resolve((s) => {
          s.n = 5;
        });
        Log.event('hide').resolve((s) => {
          s.hidden += 1;
        });
        Log.event('show').resolve((s) => {
          s.n = s.hidden;
        });
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      const set = await client.run('mutation { logSet(token: "T") { version state { version } } }');
      const hide = await client.run(
        'mutation { logHide(token: "T") { version state { version } } }',
      );
      const again = await client.run('mutation { logSet(token: "T") { version } }');
      expect(set).toEqual({ version: 1, state: { version: 1 } });
      expect(hide).toEqual(set);
      expect(again.version).toBe(1);
      const show = await client.run('mutation { logShow(token: "T") { version state { n } } }');
      expect(show.state.n).toBe(1); // it was stored
      const diffs = await subscription.take(2);
      expect(diffs.map(({ since, version }) => [since, version])).toEqual([
        [0, 1],
        [1, show.version],
      ]);
      expect(show.version).toBe(3); // the hidden commit was one too
      expect([...app.tokens()]).toHaveLength(1);
    });

    it('read computed vars as they follow from what was written, and cannot write through them', async () => {
      const seen: unknown[] = [];
      const { client } = await startLab(createStore, (builder) => {
        const Sum = builder.state('Sum', {
          vars: (t) => ({ parts: t.intList({ default: [1] }) }),
          backend: () => ({ rows: [{ n: 1 }] }),
          computed: (t) => ({
            total: t.int({ resolve: (s) => s.parts.reduce((a, b) => a + b, 0) }),
            sorted: t.intList({ resolve: (s) => s.parts }),
          }),
        });
        Sum.event('add').resolve(async (s) => {
          seen.push(s.total);
          s.parts.push(2);
          seen.push(s.total);
          await s.flush();
          s.parts.push(3);
          seen.push(s.total);
          try {
            (s.sorted as number[]).push(4);
          } catch (error) {
            seen.push((error as { code: string }).code);
          }
          try {
            (s as { total: number }).total = 5;
          } catch (error) {
            seen.push((error as Error).message);
          }
        });
      });
      const add = 'mutation { sumAdd(token: "T") { state { total sorted } } }';
      expect(await client.run(add)).toEqual({ state: { total: 6, sorted: [1, 2, 3] } });
      expect(seen).toEqual([
        1,
        3,
        6,
        'IMMUTABLE_STATE',
        'Expected a var of Sum, got "total", which is computed from others.',
      ]);
    });

    it('get the context of their request, and so do the events they trigger', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        const second = Log.event('second').resolve((s, _args, { user }) => {
          s.lines.push(`second ${user}`);
        });
        Log.event('first').resolve((s, _args, { user }) => {
          s.lines.push(`first ${user}`);
          return second;
        });
      });
      await client.run('mutation { logFirst(token: "T") { version } }');
      const query = '{ log(token: "T") { lines } }';
      let lines: string[] = [];
      while (lines.length < 2) lines = (await client.run(query)).lines;
      expect(lines).toEqual(['first nobody', 'second nobody']);
      expect(app.backgroundTasks.size).toBe(0);
    });

    it('are refused with a reason when a handler returns what means nothing', async () => {
      const { client, failures } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        Log.event('number').resolve(((s: { n: number }) => {
          s.n = 1;
          return 5;
        }) as never);
      });
      const { errors } = await client.result('mutation { logNumber(token: "T") { version } }');
      expect(errors).toHaveLength(1);
      expect(failures[0]?.error).toMatchObject({
        message: 'Expected an event reference, got a number.',
      });
      expect((await client.run('{ log(token: "T") { n } }')).n).toBe(0);
    });

    it('called like functions, run nothing and say what to do (10)', async () => {
      let ran = 0;
      const { app, client, failures } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        const background = Log.background('background').resolve(async () => {
          ran += 1;
        });
        const event = Log.event('event').resolve(() => {
          ran += 1;
        });
        Log.event('callBackground').resolve(() => (background as unknown as () => void)());
        Log.event('callEvent').resolve(() => (event as unknown as () => void)());
      });
      const { errors } = await client.result(
        'mutation { logCallBackground(token: "T") { version } }',
      );
      expect(errors?.[0]?.extensions).toEqual({ code: 'BACKGROUND_EVENT_CALL', retryable: false });
      expect(errors?.[0]?.message).toMatch(/return or yield its reference/);
      const other = await client.result('mutation { logCallEvent(token: "T") { version } }');
      expect(other.errors?.[0]?.extensions?.['code']).toBe('EVENT_CALL');
      expect(failures).toHaveLength(2);
      expect(ran).toBe(0);
      expect(app.backgroundTasks.size).toBe(0);
    });

    it('dispatched by the server run like those of clients', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        const Log = defineLog(builder);
        add = Log.event('add', { args: (t) => ({ line: t.string({ required: true }) }) }).resolve(
          (s, { line }, { user }) => {
            s.lines.push(`${line} ${user}`);
          },
        );
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      await app.dispatch(add.with({ line: 'cron' }), app.keyOf('T'), {
        context: { user: 'timer' },
      });
      expect((await subscription.next()).state.lines).toEqual(['cron timer']);
      await app.dispatch(add.with({ line: 'cron' }), app.keyOf('T'));
      expect((await subscription.next()).state.lines).toEqual(['cron timer', 'cron undefined']);
      await noTask(app);
    });
  });
}

let add: { with(args: { line: string }): import('statewire').BoundEvent };
