import { describe, expect, it } from 'vitest';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { until } from '../support/until.ts';

const watch = `subscription ($since: String) { counter(token: "T", since: $since) {
  version since cursor reset changed delta { n even } state { id version n even }
} }`;
const increment = 'mutation { counterIncrement(token: "T") { version state { n } } }';

function defineCounter(builder: LabBuilder) {
  const Counter = builder.state('Counter', {
    vars: (t) => ({ n: t.int({ default: 0 }) }),
    backend: () => ({ hidden: 0 }),
    computed: (t) => ({ even: t.boolean({ resolve: (s) => s.n % 2 === 0 }) }),
  });
  Counter.event('increment').resolve((s) => {
    s.n += 1;
  });
  Counter.event('twice').resolve((s) => {
    s.n += 2;
  });
  return Counter;
}

export function deliveryTests(createStore: StoreFactory): void {
  describe('subscriptions', () => {
    it('get a snapshot first, with every var named, then what changed', async () => {
      const { client } = await startLab(createStore, defineCounter);
      const subscription = client.subscribe(watch);
      const first = await subscription.next();
      expect(first).toEqual({
        version: 0,
        since: 0,
        cursor: expect.any(String),
        reset: true,
        changed: ['N', 'EVEN'],
        delta: { n: 0, even: true },
        state: { id: expect.stringMatching(/^[\w-]{22}$/), version: 0, n: 0, even: true },
      });
      await client.run(increment);
      await client.run('mutation { counterTwice(token: "T") { version } }');
      const [one, three] = await subscription.take(2);
      expect(one).toMatchObject({
        version: 1,
        since: 0,
        reset: false,
        changed: ['N', 'EVEN'],
        delta: { n: 1, even: false },
      });
      expect(three).toMatchObject({
        version: 2,
        since: 1,
        changed: ['N'],
        delta: { n: 3, even: null },
        state: { id: first.state.id, version: 2, n: 3, even: false },
      });
    });

    it('of two clients on one token both get every diff (34)', async () => {
      const { client, connect } = await startLab(createStore, defineCounter);
      const subscriptions = [client.subscribe(watch), connect().subscribe(watch)];
      for (const subscription of subscriptions) await subscription.next();
      const count = 200;
      await Promise.all(Array.from({ length: count }, () => client.run(increment)));
      for (const subscription of subscriptions) {
        const diffs = await subscription.take(count);
        expect(diffs.map(({ state }) => state.n)).toEqual(
          Array.from({ length: count }, (_, index) => index + 1),
        );
        expect(diffs.every(({ since, version }) => since === version - 1)).toBe(true);
      }
    });

    it('and answers of events carry the state as the event left it', async () => {
      const { client } = await startLab(createStore, defineCounter);
      const answers = await Promise.all(Array.from({ length: 50 }, () => client.run(increment)));
      expect(answers.map(({ version, state }) => [version, state.n])).toEqual(
        Array.from({ length: 50 }, (_, index) => [index + 1, index + 1]),
      );
    });

    it('of one state do not hear of another, and their versions chain over it (37)', async () => {
      const { client } = await startLab(createStore, (builder) => {
        defineCounter(builder);
        const Other = builder.state('Other', { vars: (t) => ({ m: t.int({ default: 0 }) }) });
        Other.event('bump').resolve((s) => {
          s.m += 1;
        });
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      await client.run(increment);
      const bump = 'mutation { otherBump(token: "T") { version } }';
      expect(await client.run(bump)).toEqual({ version: 2 });
      expect(await client.run(bump)).toEqual({ version: 3 });
      await client.run(increment);
      const diffs = await subscription.take(2);
      expect(diffs.map(({ since, version }) => [since, version])).toEqual([
        [0, 1],
        [1, 4],
      ]);
    });

    it('see one commit in several states of the token', async () => {
      const { client } = await startLab(createStore, (builder) => {
        const Counter = defineCounter(builder);
        const Other = builder.state('Other', { vars: (t) => ({ m: t.int({ default: 0 }) }) });
        Other.event('both').resolve(async (s) => {
          const counter = await s.getState(Counter);
          s.m += 1;
          counter.n += 1;
        });
      });
      const counter = client.subscribe(watch);
      const other = client.subscribe('subscription { other(token: "T") { version state { m } } }');
      await counter.next();
      await other.next();
      await client.run('mutation { otherBoth(token: "T") { version } }');
      expect((await counter.next()).version).toBe(1);
      expect(await other.next()).toEqual({ version: 1, state: { m: 1 } });
    });

    it('read another state in a background lock, and only there write it (3)', async () => {
      const errors: unknown[] = [];
      const { app, client } = await startLab(createStore, (builder) => {
        const Counter = defineCounter(builder);
        const Other = builder.state('Other', { vars: (t) => ({ m: t.int({ default: 0 }) }) });
        Other.background('work').resolve(async (self) => {
          for (let i = 0; i < 2; i += 1) {
            const outside = await self.getState(Counter);
            try {
              (outside as { n: number }).n = 1;
            } catch (error) {
              errors.push((error as { code: string }).code);
            }
            await self.modifyState(async (s) => {
              const counter = await s.getState(Counter);
              counter.n = (counter.n + 1) * 3;
            });
          }
        });
      });
      const subscription = client.subscribe(watch);
      await subscription.next();
      await client.run('mutation { otherWork(token: "T") { id } }');
      const diffs = await subscription.take(2);
      expect(diffs.map(({ state }) => state.n)).toEqual([3, 12]);
      expect((await client.run(increment)).state.n).toBe(13);
      expect(errors).toEqual(['IMMUTABLE_STATE', 'IMMUTABLE_STATE']);
      await noTask(app);
    });

    it('go on from a cursor without a gap or a reset, also from before the first commit', async () => {
      const { client, connect } = await startLab(createStore, defineCounter);
      const subscription = client.subscribe(watch);
      const cursors = [(await subscription.next()).cursor];
      for (let i = 0; i < 3; i += 1) {
        await client.run(increment);
        cursors.push((await subscription.next()).cursor);
      }
      await subscription.close();
      await client.run(increment);
      const [atOrigin, , atTwo, ,] = cursors;
      for (const [since, missed] of [
        [atOrigin, [1, 2, 3, 4]],
        [atTwo, [3, 4]],
      ] as const) {
        const resumed = connect().subscribe(watch, { since });
        const diffs = await resumed.take(missed.length);
        expect(diffs.map(({ state }) => state.n)).toEqual(missed);
        expect(diffs.map(({ reset }) => reset)).toEqual(missed.map(() => false));
        expect(diffs[0].since).toBe(missed[0] - 1);
        await resumed.close();
      }
    });

    it('survive their client: it drops, events and a task go on, it comes back (5)', async () => {
      const { app, client, connect } = await startLab(createStore, (builder) => {
        const Counter = defineCounter(builder);
        Counter.background('work').resolve(async (self) => {
          await self.modifyState((s) => {
            s.n = 1;
          });
          await until(() => app.subscribers === 0, 'the client has dropped');
          await client.run(increment);
          await self.modifyState((s) => {
            s.n += 1;
          });
        });
      });
      const leaving = connect();
      const subscription = leaving.subscribe(watch);
      await subscription.next();
      await leaving.run('mutation { counterWork(token: "T") { id } }');
      const { cursor } = await subscription.next();
      leaving.client.terminate();
      await noTask(app);
      const resumed = connect().subscribe(watch, { since: cursor });
      const diffs = await resumed.take(2);
      expect(diffs.map(({ state }) => state.n)).toEqual([2, 3]);
    });

    it('with a cursor that the log does not reach get one reset; older ones of an idle state go on', async () => {
      const { app, client } = await startLab(createStore, (builder) => {
        defineCounter(builder);
        const Other = builder.state('Other', { vars: (t) => ({ m: t.int({ default: 0 }) }) });
        Other.event('burst').resolve(function* (s) {
          for (let i = 0; i < 300; i += 1) {
            s.m += 1;
            yield;
          }
        });
      });
      await client.run(increment);
      const first = client.subscribe(watch);
      const { cursor } = await first.next();
      await first.close();
      await client.run('mutation { otherBurst(token: "T") { version } }');

      const idle = client.subscribe(watch, { since: cursor });
      await until(() => app.subscribers === 1, 'the idle subscription');
      await client.run(increment);
      expect(await idle.next()).toMatchObject({ reset: false, since: 1, version: 302 });
      await idle.close();

      const changed = client.subscribe(watch, { since: cursor });
      expect(await changed.next()).toMatchObject({ reset: true, since: 0, version: 302 });
    });

    it('with what is no cursor are refused', async () => {
      const { client } = await startLab(createStore, defineCounter);
      const { errors } = await client.result(watch, { since: 'nonsense' });
      expect(errors?.[0]?.extensions).toEqual({ code: 'INVALID_CURSOR', retryable: false });
    });

    it('more than maxLag behind get one merged diff, with the net change', async () => {
      const { client } = await startLab(
        createStore,
        (builder) => {
          const Counter = defineCounter(builder);
          Counter.event('thereAndBack').resolve(function* (s) {
            s.n += 1;
            yield;
            s.n -= 1;
          });
        },
        { limits: { maxLag: 0 } },
      );
      const subscription = client.subscribe(watch);
      await subscription.next();
      const { version } = await client.run(
        'mutation { counterThereAndBack(token: "T") { version } }',
      );
      const diffs = await subscription.takeUntil((diff) => diff.version === version);
      expect(diffs.at(-1).state.n).toBe(0);
      expect(diffs[0].since).toBe(0);
    });

    it('hear of a commit by the server only on their token; of a hidden one nobody (30)', async () => {
      let counter: ReturnType<typeof defineCounter> | undefined;
      const { app, client } = await startLab(createStore, (builder) => {
        counter = defineCounter(builder);
      });
      const Counter = counter as ReturnType<typeof defineCounter>;
      const other = client.subscribe('subscription { counter(token: "U") { state { n } } }');
      const subscription = client.subscribe(watch);
      await other.next();
      await subscription.next();
      const key = app.keyOf('T');
      await app.modifyState(Counter, key, (s) => {
        s.hidden = 41;
      });
      await app.modifyState(key, async (root) => {
        const state = await root.getState(Counter);
        state.n = state.hidden + 1;
      });
      expect(await subscription.next()).toMatchObject({ since: 0, version: 2, state: { n: 42 } });
      await client.run('mutation { counterIncrement(token: "U") { version } }');
      expect((await other.next()).state.n).toBe(1);
    });
  });
}
