import { describe, expect, it } from 'vitest';
import { Deferred } from '../support/deferred.ts';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';
import { until } from '../support/until.ts';

/** A state that notes what runs by itself. */
function defineVisit(builder: LabBuilder, { graceMs = 0 } = {}) {
  const Visit = builder.state('Visit', {
    vars: (t) => ({ log: t.stringList({ default: [] }), by: t.string({ default: '' }) }),
  });
  Visit.onLoad((s, _args, { user }) => {
    s.log.push('load');
    s.by = user ?? 'nobody';
  });
  Visit.onConnect((s) => {
    s.log.push('connect');
  });
  Visit.onDisconnect(
    (s) => {
      s.log.push('disconnect');
    },
    { graceMs },
  );
  Visit.event('reset').resolve((s) => s.reset('by'));
  return Visit;
}

const watch = 'subscription { visit(token: "T") { version state { log } } }';
const read = '{ visit(token: "T") { log by } }';

export function lifecycleTests(createStore: StoreFactory): void {
  describe('lifecycle events', () => {
    it('onLoad runs once, with the first subscription, after its snapshot', async () => {
      const { client, connect } = await startLab(createStore, (builder) => {
        defineVisit(builder);
        builder.state('Other', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
      });
      // Queries and events are no subscription.
      await client.run('mutation { visitReset(token: "T") { version } }');
      expect(await client.run(read)).toEqual({ log: [], by: '' });
      const subscription = client.subscribe(watch);
      expect(await subscription.next()).toEqual({ version: 0, state: { log: [] } });
      expect(await subscription.next()).toEqual({ version: 1, state: { log: ['load'] } });
      expect(await subscription.next()).toMatchObject({ state: { log: ['load', 'connect'] } });
      const second = connect().subscribe(watch);
      expect(await second.next()).toMatchObject({ state: { log: ['load', 'connect'] } });
      expect(await client.run(read)).toEqual({ log: ['load', 'connect'], by: 'nobody' });
    });

    it('run with the first subscription of the token, whatever state it is of', async () => {
      const { client } = await startLab(createStore, (builder) => {
        defineVisit(builder);
        builder.state('Other', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
      });
      const other = client.subscribe('subscription { other(token: "T") { version } }');
      expect(await other.next()).toEqual({ version: 0 });
      const subscription = client.subscribe(watch);
      const seen = await subscription.takeUntil(({ state }) => state.log.includes('connect'));
      expect(seen.at(-1).state.log).toEqual(['load', 'connect']);
    });

    it('onConnect and onDisconnect run for the first and the last subscriber of a token', async () => {
      const { app, client, connect } = await startLab(createStore, defineVisit);
      const [first, second] = [connect(), connect()];
      const a = first.subscribe(watch);
      await a.takeUntil(({ state }) => state.log.includes('connect'));
      const b = second.subscribe(watch);
      await b.next();
      await first.close();
      await until(() => app.subscribers === 1, 'the first is gone');
      expect((await client.run(read)).log).toEqual(['load', 'connect']);
      await second.close();
      await until(() => app.subscribers === 0, 'the second is gone');
      // Else the next one might be back within the time of a timer that is due at once.
      while (!(await client.run(read)).log.includes('disconnect'));
      const back = client.subscribe(watch);
      const diffs = await back.takeUntil(({ state }) => state.log.length === 4);
      expect(diffs.at(-1).state.log).toEqual(['load', 'connect', 'disconnect', 'connect']);
    });

    it('who is back within graceMs was never gone', async () => {
      const { app, client, connect } = await startLab(createStore, (builder) => {
        defineVisit(builder, { graceMs: 60_000 });
      });
      const first = connect();
      const subscription = first.subscribe(watch);
      await subscription.takeUntil(({ state }) => state.log.includes('connect'));
      await first.close();
      await until(() => app.subscribers === 0, 'the first is gone');
      const back = client.subscribe(watch);
      await back.next();
      await client.run('mutation { visitReset(token: "T") { version } }');
      expect((await client.run(read)).log).toEqual(['load', 'connect']);
    });

    it('that fail are reported, end no subscription, and onLoad runs again with the next', async () => {
      let attempts = 0;
      const { client, failures } = await startLab(createStore, (builder) => {
        const Visit = builder.state('Visit', {
          vars: (t) => ({ log: t.stringList({ default: [] }) }),
        });
        Visit.onLoad((s) => {
          attempts += 1;
          s.log.push(`load ${attempts}`);
          if (attempts === 1) throw new Error('the database is away');
        });
      });
      const first = client.subscribe(watch);
      expect(await first.next()).toMatchObject({ state: { log: [] } });
      await until(() => failures.length === 1, 'the failure is reported');
      expect(failures[0]?.source).toMatchObject({ state: 'Visit', event: 'onLoad' });
      const second = client.subscribe(watch);
      expect(await second.next()).toMatchObject({ state: { log: [] } });
      expect(await second.next()).toMatchObject({ state: { log: ['load 2'] } });
      expect(await first.next()).toMatchObject({ state: { log: ['load 2'] } });
    });

    it('onLoad runs once, however many subscriptions begin while it runs', async () => {
      const gate = new Deferred();
      let runs = 0;
      const { client, connect } = await startLab(createStore, (builder) => {
        const Visit = builder.state('Visit', {
          vars: (t) => ({ log: t.stringList({ default: [] }) }),
        });
        Visit.onLoad(async (s) => {
          runs += 1;
          await gate.promise;
          s.log.push('load');
        });
      });
      const subscriptions = [client, connect(), connect()].map((each) => each.subscribe(watch));
      for (const subscription of subscriptions) await subscription.next();
      gate.resolve();
      for (const subscription of subscriptions) {
        expect(await subscription.next()).toEqual({ version: 1, state: { log: ['load'] } });
      }
      expect(await client.run('{ visit(token: "T") { version } }')).toEqual({ version: 1 });
      expect(runs).toBe(1);
    });

    it('onLoad that fails after a flush has not run, one that rolls back and ends has', async () => {
      const runs = { fails: 0, rollsBack: 0 };
      const { client, failures } = await startLab(createStore, (builder) => {
        const Fails = builder.state('Fails', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
        Fails.onLoad(async function* (s) {
          runs.fails += 1;
          s.n += 1;
          yield;
          if (runs.fails === 1) throw new Error('in the middle');
        });
        const RollsBack = builder.state('RollsBack', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
        });
        RollsBack.onLoad((s) => {
          runs.rollsBack += 1;
          s.n += 1;
          s.rollback();
        });
      });
      const subscribe = () =>
        client.subscribe('subscription { fails(token: "T") { state { n } } }');
      const first = subscribe();
      expect(await first.take(2)).toEqual([{ state: { n: 0 } }, { state: { n: 1 } }]);
      await until(() => failures.length === 1, 'it has failed');
      expect(await subscribe().take(2)).toEqual([{ state: { n: 1 } }, { state: { n: 2 } }]);
      expect(await subscribe().next()).toEqual({ state: { n: 2 } });
      await client.run('{ rollsBack(token: "T") { n } }');
      expect(runs).toEqual({ fails: 2, rollsBack: 1 });
    });
  });
}
