import { describe, expect, it } from 'vitest';
import { type StoreFactory, startLab } from '../support/lab.ts';

export function computedTests(createStore: StoreFactory): void {
  describe('computed vars', () => {
    it('run once for each commit that changes what they read, and for no other (29)', async () => {
      const runs = { total: 0, twice: 0 };
      const { client } = await startLab(createStore, (builder) => {
        const Sum = builder.state('Sum', {
          vars: (t) => ({ a: t.int({ default: 1 }), other: t.int({ default: 0 }) }),
          backend: () => ({ b: 2 }),
          computed: (t) => ({
            total: t.int({
              resolve: (s) => {
                runs.total += 1;
                return s.a + s.b;
              },
            }),
            size: t.string({
              resolve: async (s) => {
                runs.twice += 1;
                return s.a > 5 ? 'large' : 'small';
              },
            }),
          }),
        });
        Sum.event('set', { args: (t) => ({ a: t.int({ required: true }) }) }).resolve(
          (s, { a }) => {
            s.a = a;
          },
        );
        Sum.event('hide').resolve((s) => {
          s.b = 10;
        });
        Sum.event('touch').resolve((s) => {
          s.other += 1;
        });
      });
      const read = '{ sum(token: "T") { total size } }';
      for (let i = 0; i < 10; i += 1) {
        expect(await client.run(read)).toEqual({ total: 3, size: 'small' });
      }
      expect(runs).toEqual({ total: 1, twice: 1 });
      await client.run('mutation { sumTouch(token: "T") { version } }');
      expect(runs).toEqual({ total: 1, twice: 1 });

      const watch = 'subscription { sum(token: "T") { changed state { total size } } }';
      const subscription = client.subscribe(watch);
      await subscription.next();
      await client.run('mutation { sumSet(token: "T", a: 2) { version } }');
      expect(await subscription.next()).toEqual({
        changed: ['A', 'TOTAL'],
        state: { total: 4, size: 'small' },
      });
      expect(runs).toEqual({ total: 2, twice: 2 });
      await client.run('mutation { sumHide(token: "T") { version } }');
      expect(await subscription.next()).toMatchObject({ changed: ['TOTAL'] });
      expect(runs).toEqual({ total: 3, twice: 2 });
    });

    it('that fail or hang are errors of their own field, and stop no commit', async () => {
      const { client, failures } = await startLab(
        createStore,
        (builder) => {
          const Sum = builder.state('Sum', {
            vars: (t) => ({ a: t.int({ default: 0 }) }),
            computed: (t) => ({
              failing: t.int({
                nullable: true,
                resolve: (s) => {
                  if (s.a === 1) throw new Error('a secret');
                  return s.a;
                },
              }),
              hanging: t.int({
                nullable: true,
                resolve: (s) => (s.a === 1 ? new Promise<number>(() => {}) : s.a),
              }),
            }),
          });
          Sum.event('increment').resolve((s) => {
            s.a += 1;
          });
        },
        { limits: { computedTimeoutMs: 20 } },
      );
      const increment = 'mutation { sumIncrement(token: "T") { state { a failing hanging } } }';
      const { data, errors } = await client.result(increment);
      expect(data.sumIncrement).toEqual({ state: { a: 1, failing: null, hanging: null } });
      expect(errors?.map(({ path, extensions }) => [path?.at(-1), extensions?.['code']])).toEqual([
        ['failing', 'COMPUTED_VAR_FAILED'],
        ['hanging', 'COMPUTED_VAR_FAILED'],
      ]);
      expect(JSON.stringify(errors)).not.toContain('a secret');
      expect(failures.map(({ error, source }) => [String(error), source.computed])).toEqual([
        ['Error: a secret', 'failing'],
        ['Error: The computed var took more than 20 ms.', 'hanging'],
      ]);
      expect(await client.run(increment)).toEqual({ state: { a: 2, failing: 2, hanging: 2 } });
    });
  });
}
