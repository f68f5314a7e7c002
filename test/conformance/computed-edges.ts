import { describe, expect, it } from 'vitest';
import { Deferred } from '../support/deferred.ts';
import { type StoreFactory, startLab } from '../support/lab.ts';
import { until } from '../support/until.ts';

// biome-ignore lint/suspicious/noExplicitAny: vars that read each other in a circle have no types.
type Any = any;

/** Computed vars where an implementation easily goes wrong; most were wrong once. */
export function computedEdgeTests(createStore: StoreFactory): void {
  describe('computed vars', () => {
    it.each<[string, boolean]>([
      ['sync', false],
      ['async', true],
    ])('may change which of them reads the other, %s', async (_name, isAsync) => {
      const { client, failures } = await startLab(createStore, (builder) => {
        const flip = (own: number, other: string) => (s: Any) => (s.z === own ? s[other] : own);
        const made = (run: (s: Any) => Any) =>
          isAsync ? (s: Any) => Promise.resolve().then(() => run(s)) : run;
        const Flip = builder.state('Flip', {
          vars: (t) => ({ z: t.int({ default: 1 }) }),
          computed: (t) => ({
            a: t.int({ nullable: true, resolve: made(flip(1, 'b')) }),
            b: t.int({ nullable: true, resolve: made(flip(2, 'a')) }),
          }),
        });
        Flip.event('set', { args: (t) => ({ z: t.int({ required: true }) }) }).resolve(
          (s, { z }) => {
            s.z = z;
          },
        );
      });
      const set = (z: number) =>
        client.run(`mutation { flipSet(token: "T", z: ${z}) { state { a b } } }`);
      expect(await client.run('{ flip(token: "T") { a b } }')).toEqual({ a: 2, b: 2 });
      for (const z of [2, 1, 3, 1, 2]) {
        const want = { 1: { a: 2, b: 2 }, 2: { a: 1, b: 1 }, 3: { a: 1, b: 2 } }[z];
        expect(await set(z)).toEqual({ state: want });
      }
      expect(failures).toEqual([]);
    });

    it('of two states that read each other fail, and hold up neither them nor others', async () => {
      const { client, failures } = await startLab(createStore, (builder) => {
        const other = (state: () => Any, name: string) => async (s: Any) =>
          (await s.getState(state()))[name];
        const X = builder.state('X', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
          computed: (t) => ({ c: t.int({ nullable: true, resolve: other(() => Y, 'c') }) }),
        });
        const Y = builder.state('Y', {
          vars: (t) => ({ n: t.int({ default: 0 }) }),
          computed: (t) => ({ c: t.int({ nullable: true, resolve: other(() => X, 'c') }) }),
        });
        const Third = builder.state('Third', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
        for (const State of [X, Third]) {
          State.event('increment').resolve((s) => {
            s.n += 1;
          });
        }
      });
      await client.run('mutation { thirdIncrement(token: "T") { version } }');
      await client.run('mutation { xIncrement(token: "T") { version } }');
      const { data } = await client.result('{ x(token: "T") { n c } y(token: "T") { n c } }');
      expect(data).toEqual({ x: { n: 1, c: null }, y: { n: 0, c: null } });
      expect(failures.map(({ source }) => source.state).sort()).toEqual(['X', 'Y']);
    });

    it('that failed while they waited are tried again at the next commit', async () => {
      let isDown = true;
      const { client, failures } = await startLab(createStore, (builder) => {
        const Rate = builder.state('Rate', {
          vars: (t) => ({ n: t.int({ default: 1 }), other: t.int({ default: 0 }) }),
          computed: (t) => ({
            price: t.int({
              nullable: true,
              resolve: async (s) => {
                await null;
                if (isDown) throw new Error('the rates are away');
                return s.n * 10;
              },
            }),
          }),
        });
        Rate.event('touch').resolve((s) => {
          s.other += 1;
        });
      });
      const touch = 'mutation { rateTouch(token: "T") { state { price } } }';
      expect((await client.result(touch)).data.rateTouch).toEqual({ state: { price: null } });
      isDown = false;
      expect(await client.run(touch)).toEqual({ state: { price: 10 } });
      // Once at the first look, once at the first commit.
      expect(failures).toHaveLength(2);
    });

    it('of a state that was never written follow others on every token, whatever failed on one', async () => {
      let isDown = false;
      const { client } = await startLab(createStore, (builder) => {
        const Source = builder.state('Source', { vars: (t) => ({ n: t.int({ default: 1 }) }) });
        builder.state('Mirror', {
          vars: (t) => ({ own: t.int({ default: 0 }) }),
          computed: (t) => ({
            n: t.int({
              nullable: true,
              resolve: (s) => {
                if (isDown) throw new Error('down');
                return s.getState(Source).then((source) => source.n);
              },
            }),
          }),
        });
        Source.event('increment').resolve((s) => {
          s.n += 1;
        });
      });
      const watch = client.subscribe('subscription { mirror(token: "A") { state { n } } }');
      expect(await watch.next()).toEqual({ state: { n: 1 } });
      isDown = true;
      await client.result('{ mirror(token: "B") { n } }');
      isDown = false;
      await client.run('mutation { sourceIncrement(token: "A") { version } }');
      expect(await watch.next()).toEqual({ state: { n: 2 } });
    });

    it('run once and fail once for what nobody changed, also on states that nobody asked for', async () => {
      const runs: string[] = [];
      const { client, failures } = await startLab(createStore, (builder) => {
        const count = (name: string) => runs.push(name);
        const Source = builder.state('Source', {
          vars: (t) => ({ n: t.int({ default: 1 }) }),
          computed: (t) => ({
            twice: t.int({
              resolve: (s) => {
                count('twice');
                return 2 * s.n;
              },
            }),
            bad: t.int({
              nullable: true,
              resolve: () => {
                count('bad');
                throw new Error('always');
              },
            }),
          }),
        });
        const Reader = builder.state('Reader', {
          vars: (t) => ({ unrelated: t.int({ default: 0 }) }),
          computed: (t) => ({
            both: t.int({
              resolve: async (s) => {
                count('both');
                const { twice, n } = await s.getState(Source);
                return twice + n;
              },
            }),
          }),
        });
        Reader.event('touch').resolve((s) => {
          s.unrelated += 1;
        });
      });
      for (const token of ['A', 'B']) {
        runs.length = 0;
        failures.length = 0;
        expect(await client.run(`{ reader(token: "${token}") { both } }`)).toEqual({ both: 3 });
        for (let i = 0; i < 3; i += 1) {
          await client.run(`mutation { readerTouch(token: "${token}") { version } }`);
        }
        await client.result(`{ source(token: "${token}") { twice bad } }`);
        const times = (name: string) => runs.filter((each) => each === name).length;
        expect([times('twice'), times('bad'), failures.length]).toEqual([1, 1, 1]);
        // It ran again when the one that it read was done.
        expect(times('both')).toBeLessThanOrEqual(2);
      }
    });

    it('that never end let go of a lock that is lost, and its holder is told', async () => {
      const hang = new Deferred<number>();
      let isHanging = false;
      const { client } = await startLab(
        createStore,
        (builder) => {
          const Slow = builder.state('Slow', {
            vars: (t) => ({ n: t.int({ default: 0 }) }),
            computed: (t) => ({
              c: t.int({ nullable: true, resolve: (s) => (isHanging ? hang.promise : s.n) }),
            }),
          });
          Slow.event('increment').resolve((s) => {
            s.n += 1;
          });
        },
        { limits: { computedTimeoutMs: 60_000, warnHoldMs: 20, maxHoldMs: 40 } },
      );
      const increment = 'mutation { slowIncrement(token: "T") { state { n c } } }';
      expect(await client.run(increment)).toEqual({ state: { n: 1, c: 1 } });
      isHanging = true;
      const { errors } = await client.result(increment);
      expect(errors?.[0]?.extensions?.['code']).toBe('LOCK_EXPIRED');
      isHanging = false;
      expect(await client.run(increment)).toEqual({ state: { n: 2, c: 2 } });
      hang.resolve(0);
    });

    it('of several states that a commit changes are awaited beside each other', async () => {
      const gates = [new Deferred(), new Deferred()];
      const started: number[] = [];
      let isGated = false;
      const { client } = await startLab(createStore, (builder) => {
        const Source = builder.state('Source', { vars: (t) => ({ n: t.int({ default: 1 }) }) });
        for (const [at, gate] of gates.entries()) {
          builder.state(`Reader${at}`, {
            vars: (t) => ({ own: t.int({ default: 0 }) }),
            parent: Source,
            computed: (t) => ({
              c: t.int({
                resolve: async (s) => {
                  const { n } = s.parent;
                  if (isGated) started.push(at);
                  if (isGated) await gate.promise;
                  return n;
                },
              }),
            }),
          });
        }
        Source.event('increment').resolve((s) => {
          s.n += 1;
        });
      });
      await client.run('mutation { sourceIncrement(token: "T") { version } }');
      isGated = true;
      const done = client.run('mutation { sourceIncrement(token: "T") { version } }');
      await until(() => started.length === 2, 'both run');
      for (const gate of gates) gate.resolve();
      expect(await done).toEqual({ version: 2 });
    });
  });
}
