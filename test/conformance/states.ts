import { describe, expect, it } from 'vitest';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { until } from '../support/until.ts';

// biome-ignore lint/suspicious/noExplicitAny: two states of different types in one loop.
type Any = any;

function defineTwo(builder: LabBuilder) {
  const A = builder.state('A', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
  const B = builder.state('B', {
    vars: (t) => ({ n: t.int({ default: 0 }), text: t.string({ default: 'x' }) }),
    backend: () => ({ hidden: 0 }),
  });
  builder.state('C', { vars: (t) => ({ idle: t.int({ default: 0 }) }) });
  A.event('both').resolve(async (s) => {
    s.n += 1;
    (await s.getState(B)).n += 1;
  });
  A.event('alone').resolve((s) => {
    s.n += 1;
  });
  B.event('hide').resolve((s) => {
    s.hidden += 1;
  });
  B.event('alone').resolve((s) => {
    s.n += 1;
  });
}

const watch = `subscription ($since: String) {
  states(token: "T", since: $since) {
    version cursor reset
    diffs {
      __typename version since reset
      ... on ADiff { changedA: changed state { n } }
      ... on BDiff { changedB: changed delta { n text } }
    }
  }
}`;

export function statesTests(createStore: StoreFactory): void {
  describe('the subscription of all states of a token', () => {
    it('begins with all of them, then gives each commit as one diff', async () => {
      const { client } = await startLab(createStore, defineTwo);
      const subscription = client.subscribe(watch);
      expect(await subscription.next()).toMatchObject({
        version: 0,
        reset: true,
        diffs: [
          { __typename: 'ADiff', version: 0, since: 0, reset: true, state: { n: 0 } },
          { __typename: 'BDiff', reset: true, changedB: ['N', 'TEXT'], delta: { text: 'x' } },
          { __typename: 'CDiff', reset: true },
        ],
      });
      for (const event of ['aBoth', 'aAlone', 'bHide', 'aBoth']) {
        await client.run(`mutation { ${event}(token: "T") { version } }`);
      }
      const [both, alone, again] = await subscription.take(3);
      expect(both).toMatchObject({
        version: 1,
        reset: false,
        diffs: [
          { __typename: 'ADiff', version: 1, since: 0, changedA: ['N'], state: { n: 1 } },
          {
            __typename: 'BDiff',
            version: 1,
            since: 0,
            changedB: ['N'],
            delta: { n: 1, text: null },
          },
        ],
      });
      expect(alone).toMatchObject({ version: 2, diffs: [{ __typename: 'ADiff', since: 1 }] });
      expect(alone.diffs).toHaveLength(1);
      // The hidden commit was number 3.
      expect(again).toMatchObject({
        version: 4,
        diffs: [
          { version: 4, since: 2 },
          { version: 4, since: 1 },
        ],
      });
    });

    it('goes on from a cursor, also one of a subscription to one state', async () => {
      const { client } = await startLab(createStore, defineTwo);
      const one = client.subscribe('subscription { b(token: "T") { cursor } }');
      await client.run('mutation { aBoth(token: "T") { version } }');
      await one.next();
      const { cursor } = await one.next();
      await client.run('mutation { aAlone(token: "T") { version } }');
      await client.run('mutation { bAlone(token: "T") { version } }');
      const resumed = client.subscribe(watch, { since: cursor });
      const [alone, last] = await resumed.take(2);
      expect(alone).toMatchObject({
        version: 2,
        reset: false,
        diffs: [{ since: 1, state: { n: 2 } }],
      });
      expect(last).toMatchObject({ version: 3, diffs: [{ __typename: 'BDiff', since: 1 }] });

      const back = client.subscribe(
        'subscription ($since: String) { b(token: "T", since: $since) { version since reset } }',
        { since: alone.cursor },
      );
      expect(await back.next()).toEqual({ version: 3, since: 1, reset: false });
    });

    it('more than maxLag behind, gives the net change of every state at once', async () => {
      const { client } = await startLab(createStore, defineTwo, { limits: { maxLag: 2 } });
      const first = client.subscribe(watch);
      const { cursor } = await first.next();
      for (const event of ['aBoth', 'aAlone', 'aAlone', 'bAlone']) {
        await client.run(`mutation { ${event}(token: "T") { version } }`);
      }
      const late = client.subscribe(watch, { since: cursor });
      const merged = await late.next();
      expect(merged.diffs).toHaveLength(2);
      expect(merged).toMatchObject({
        version: 4,
        reset: false,
        diffs: [
          { version: 3, since: 0, state: { n: 3 } },
          { version: 4, since: 0, delta: { n: 2 } },
        ],
      });
    });

    it('with a cursor of another history begins anew', async () => {
      const { client } = await startLab(createStore, defineTwo);
      const other = client.subscribe(watch.replace('"T"', '"other"'));
      const { cursor } = await other.next();
      await client.run('mutation { aBoth(token: "T") { version } }');
      const subscription = client.subscribe(watch, { since: cursor });
      expect(await subscription.next()).toMatchObject({ reset: true, version: 1 });
    });

    it('with a cursor older than the log begins anew, unless none of them has changed', async () => {
      const refs: { A?: Any; B?: Any } = {};
      const { app, client } = await startLab(createStore, (builder) => {
        refs.A = builder.state('A', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
        refs.B = builder.state('B', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
          backend: () => ({ hidden: 0 }),
        });
      });
      const states =
        'subscription ($since: String) { states(token: "T", since: $since) { cursor reset } }';
      const beginning = client.subscribe(states);
      const { cursor } = await beginning.next();
      await beginning.close();
      await until(() => app.subscribers === 0, 'it has ended');
      const key = app.keyOf('T');
      const write = async (state: Any, name: string) => {
        for (let i = 0; i < 300; i += 1) {
          await app.modifyState(state, key, (s: Any) => {
            s[name] += 1;
          });
        }
      };
      await write(refs.B, 'hidden');
      const quiet = client.subscribe(states, { since: cursor });
      await until(() => app.subscribers === 1, 'it goes on');
      await write(refs.A, 'n');
      expect(await quiet.next()).toMatchObject({ reset: false });
      expect(await client.subscribe(states, { since: cursor }).next()).toMatchObject({
        reset: true,
      });
    });
  });
}
