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

    it('read each other, sync and async, and run again only if what they read has changed', async () => {
      const runs: string[] = [];
      const { client } = await startLab(createStore, (builder) => {
        const Sum = builder.state('Sum', {
          vars: (t) => ({ a: t.int({ default: 1 }), other: t.int({ default: 0 }) }),
          computed: (t) => {
            const parity = t.string({
              resolve: async (s) => {
                runs.push('parity');
                return s.a % 2 === 0 ? 'even' : 'odd';
              },
            });
            const shout = t.string({
              resolve: (_s, read) => {
                runs.push('shout');
                return read(parity).toUpperCase();
              },
            });
            const both = t.string({
              resolve: async (_s, read) => {
                runs.push('both');
                return `${read(shout)} ${read(parity)}`;
              },
            });
            // The one that is read is defined last, so that it is not done when it is read.
            return { both, shout, parity };
          },
        });
        Sum.event('set', { args: (t) => ({ a: t.int({ required: true }) }) }).resolve(
          (s, { a }) => {
            s.a = a;
          },
        );
        Sum.event('touch').resolve((s) => {
          s.other += 1;
        });
      });
      const read = '{ sum(token: "T") { both shout parity } }';
      expect(await client.run(read)).toEqual({ both: 'ODD odd', shout: 'ODD', parity: 'odd' });
      runs.length = 0;
      await client.run('mutation { sumTouch(token: "T") { version } }');
      expect(runs).toEqual([]);
      // A new value of its input gives an equal result: what reads the result does not run.
      await client.run('mutation { sumSet(token: "T", a: 3) { version } }');
      expect(runs).toEqual(['parity']);
      await client.run('mutation { sumSet(token: "T", a: 4) { version } }');
      expect(await client.run(read)).toEqual({ both: 'EVEN even', shout: 'EVEN', parity: 'even' });
    });

    it('read other states and the parent, and change in the same commit, also if nobody wrote their state', async () => {
      const runs: string[] = [];
      const { client } = await startLab(createStore, (builder) => {
        const Cart = builder.state('Cart', {
          vars: (t) => ({ items: t.int({ default: 0 }), note: t.string({ default: '' }) }),
          backend: () => ({ hidden: 0 }),
        });
        const Prices = builder.state('Prices', {
          vars: (t) => ({ each: t.int({ default: 10 }) }),
          parent: Cart,
          computed: (t) => ({
            total: t.int({
              resolve: (s) => {
                runs.push('total');
                return s.each * s.parent.items + s.parent.hidden;
              },
            }),
          }),
        });
        builder.state('Bill', {
          vars: (t) => ({ open: t.boolean({ default: true }) }),
          computed: (t) => ({
            text: t.string({
              resolve: async (s) => {
                runs.push('text');
                const [cart, prices] = [await s.getState(Cart), await s.getState(Prices)];
                return `${cart.items} items, ${prices.total}`;
              },
            }),
          }),
        });
        Cart.event('add').resolve((s) => {
          s.items += 1;
        });
        Cart.event('hide').resolve((s) => {
          s.hidden = 5;
        });
        Cart.event('comment').resolve((s) => {
          s.note = 'x';
        });
      });
      const watch = (field: string, selection: string) =>
        client.subscribe(
          `subscription { ${field}(token: "T") { version since changed state { ${selection} } } }`,
        );
      const bill = watch('bill', 'text');
      const prices = watch('prices', 'total');
      expect(await bill.next()).toMatchObject({ version: 0, state: { text: '0 items, 0' } });
      await prices.next();
      runs.length = 0;

      await client.run('mutation { cartAdd(token: "T") { version } }');
      const diff = { version: 1, since: 0 };
      expect(await prices.next()).toEqual({ ...diff, changed: ['TOTAL'], state: { total: 10 } });
      expect(await bill.next()).toEqual({
        ...diff,
        changed: ['TEXT'],
        state: { text: '1 items, 10' },
      });
      expect(runs.filter((name) => name === 'total')).toEqual(['total']);

      await client.run('mutation { cartComment(token: "T") { version } }');
      await client.run('mutation { cartHide(token: "T") { version } }');
      expect(await bill.next()).toEqual({
        version: 3,
        since: 1,
        changed: ['TEXT'],
        state: { text: '1 items, 15' },
      });
      expect(await client.run('{ cart(token: "T") { version } }')).toEqual({ version: 2 });
    });

    it('without a cache run at every commit of the token, whatever it changed', async () => {
      let runs = 0;
      const { client } = await startLab(createStore, (builder) => {
        builder.state('Clock', {
          vars: (t) => ({ zone: t.string({ default: 'UTC' }) }),
          computed: (t) => ({
            commits: t.int({
              cache: false,
              resolve: () => {
                runs += 1;
                return runs;
              },
            }),
          }),
        });
        const Other = builder.state('Other', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
        Other.event('increment').resolve((s) => {
          s.n += 1;
        });
        Other.event('nothing').resolve(() => {});
      });
      const clock = client.subscribe('subscription { clock(token: "T") { state { commits } } }');
      expect(await clock.next()).toEqual({ state: { commits: 1 } });
      await client.run('mutation { otherIncrement(token: "T") { version } }');
      expect(await clock.next()).toEqual({ state: { commits: 2 } });
      await client.run('mutation { otherNothing(token: "T") { version } }');
      await client.run('mutation { otherIncrement(token: "T") { version } }');
      expect(await clock.next()).toEqual({ state: { commits: 3 } });
    });

    it.each<[string, boolean]>([
      ['at once', false],
      ['after they waited', true],
    ])('that read each other in a circle %s fail, and stop no commit', async (_name, isAsync) => {
      const { client, failures } = await startLab(createStore, (builder) => {
        const Loop = builder.state('Loop', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
          computed: (t) => {
            const read = async (name: string, s: object) => {
              if (isAsync) await null;
              return (s as Record<string, number>)[name] ?? 0;
            };
            const at = (name: string) => (s: object) =>
              isAsync ? read(name, s) : ((s as Record<string, number>)[name] ?? 0);
            return {
              self: t.int({ nullable: true, resolve: at('self') }),
              a: t.int({ nullable: true, resolve: at('b') }),
              b: t.int({ nullable: true, resolve: at('a') }),
              fine: t.int({ resolve: (s) => s.n }),
            };
          },
        });
        Loop.event('increment').resolve((s) => {
          s.n += 1;
        });
      });
      const { data, errors } = await client.result(
        'mutation { loopIncrement(token: "T") { state { n self a b fine } } }',
      );
      expect(data.loopIncrement.state).toEqual({ n: 1, self: null, a: null, b: null, fine: 1 });
      expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(
        Array(3).fill('COMPUTED_VAR_FAILED'),
      );
      expect(failures.map(({ source }) => source.computed).sort()).toEqual(['a', 'b', 'self']);
      expect(String(failures[0]?.error)).toMatch(/depends on itself|has failed/);
    });

    it('with a value that is not of their type fail like those that throw', async () => {
      const { client, failures } = await startLab(createStore, (builder) => {
        builder.state('Ratio', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
          computed: (t) => ({
            half: t.int({ nullable: true, resolve: () => 0.5 }),
            percent: t.float({ nullable: true, resolve: (s) => (100 * s.n) / 0 }),
          }),
        });
      });
      const { data, errors } = await client.result('{ ratio(token: "T") { n half percent } }');
      expect(data.ratio).toEqual({ n: 0, half: null, percent: null });
      expect(errors).toHaveLength(2);
      expect(failures.map(({ error }) => (error as Error).message)).toEqual([
        'Expected another value of Ratio.half: 0.5 is not an Int.',
        'Cannot store Ratio.percent: NaN is not a JSON number.',
      ]);
    });

    it('may write nothing, and cannot be written', async () => {
      const { client, failures } = await startLab(createStore, (builder) => {
        const Cell = builder.state('Cell', {
          vars: (t) => ({ rows: t.intList({ default: [1] }) }),
          computed: (t) => ({
            bad: t.int({
              nullable: true,
              resolve: (s) => (s.rows as number[]).push(2),
            }),
          }),
        });
        Cell.event('write').resolve((s) => {
          (s as { bad: unknown }).bad = 1;
        });
      });
      const { errors } = await client.result('mutation { cellWrite(token: "T") { version } }');
      expect(errors).toHaveLength(1);
      expect(String(failures[1]?.error)).toContain('"bad", which is computed from others');
      expect(failures.map(({ source }) => source.computed ?? source.event)).toEqual([
        'bad',
        'write',
      ]);
      const { data } = await client.result('{ cell(token: "T") { rows bad } }');
      expect(data.cell).toEqual({ rows: [1], bad: null });
    });

    it('read inside a lock that has written nothing are as they were committed', async () => {
      let runs = 0;
      const { client } = await startLab(createStore, (builder) => {
        const Cell = builder.state('Cell', {
          vars: (t) => ({ n: t.int({ default: 1 }) }),
          computed: (t) => ({
            twice: t.int({
              cache: false,
              resolve: (s) => {
                runs += 1;
                return 2 * s.n;
              },
            }),
          }),
        });
        Cell.event('look').resolve((s) => {
          for (let i = 0; i < 10; i += 1) if (s.twice !== 2) throw new Error('another value');
        });
      });
      await client.run('mutation { cellLook(token: "T") { version } }');
      expect(runs).toBe(1);
    });

    it('read inside a lock follow from the drafts of every state', async () => {
      const seen: number[] = [];
      const { client } = await startLab(createStore, (builder) => {
        const Cart = builder.state('Cart', { vars: (t) => ({ items: t.int({ default: 0 }) }) });
        const Prices = builder.state('Prices', {
          vars: (t) => ({ each: t.int({ default: 10 }) }),
          parent: Cart,
          computed: (t) => ({ total: t.int({ resolve: (s) => s.each * s.parent.items }) }),
        });
        Cart.event('add').resolve(async (s) => {
          const prices = await s.getState(Prices);
          seen.push(prices.total);
          s.items += 1;
          seen.push(prices.total);
          prices.parent.items += 1;
          prices.each = 5;
          seen.push(prices.total);
        });
      });
      await client.run('mutation { cartAdd(token: "T") { version } }');
      expect(seen).toEqual([0, 10, 10]);
      expect(await client.run('{ prices(token: "T") { each total } }')).toEqual({
        each: 5,
        total: 10,
      });
      expect(await client.run('{ cart(token: "T") { items } }')).toEqual({ items: 2 });
    });
  });
}
