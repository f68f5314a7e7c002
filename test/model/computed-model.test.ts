import * as fc from 'fast-check';
import type { StateRef } from 'statewire';
import { createTestApp } from 'statewire/testing';
import { describe, expect, it } from 'vitest';
import { createBuilder } from '../support/lab.ts';

const count = 2; // computed vars of each of two states
const names = Array.from({ length: 2 * count }, (_, n) => n);

/** One read of a computed var's function: which of two others it reads follows from another value. */
interface Step {
  readonly waits: boolean;
  /** A switch, or a computed var, whose value decides. */
  readonly switch: number;
  readonly ifZero: number;
  readonly otherwise: number | null;
}

/** What a computed var's function does: its steps, then the sum of what it read. */
type Program = readonly Step[];

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  waits: fc.boolean(),
  switch: fc.nat(2 + 2 * count),
  ifZero: fc.nat(2 * count - 1),
  otherwise: fc.option(fc.nat(2 * count - 1)),
});

const programsArbitrary = fc.array(fc.array(stepArbitrary, { maxLength: 2 }), {
  minLength: 2 * count,
  maxLength: 2 * count,
});

type Switches = readonly [number, number, number];

class Circle extends Error {}

/** The value of a computed var, made from nothing. */
function madeAnew(
  programs: readonly Program[],
  switches: Switches,
  name: number,
  asking: readonly number[] = [],
): number {
  if (asking.includes(name)) throw new Circle();
  const read = (other: number) => madeAnew(programs, switches, other, [...asking, name]);
  let sum = name;
  for (const { switch: at, ifZero, otherwise } of programs[name] ?? []) {
    const value = at < 3 ? (switches[at] ?? 0) : read(at - 3) % 2;
    const next = value === 0 ? ifZero : otherwise;
    if (next !== null) sum += read(next);
  }
  return sum + (switches[0] ?? 0);
}

// biome-ignore lint/suspicious/noExplicitAny: which state and which field is random.
type Any = any;

/** Two states, the first with the switches; reads go to the state that has the var. */
function startStates(programs: readonly Program[], runs: number[]) {
  const builder = createBuilder();
  const states: StateRef<Any, Any>[] = [];
  const stateOf = (name: number) => Math.floor(name / count);
  // One that reads only its own state and never waits is not async.
  const isSync = (name: number) =>
    name < count &&
    (programs[name] ?? []).every(
      ({ waits, switch: at, ifZero, otherwise }) =>
        !waits && [Math.max(at - 3, 0), ifZero, otherwise ?? 0].every((other) => other < count),
    );
  const runSync = (name: number, s: Any): number => {
    let sum = name;
    for (const { switch: at, ifZero, otherwise } of programs[name] ?? []) {
      const value = at < 3 ? s[`s${at}`] : s[`c${at - 3}`] % 2;
      const next = value === 0 ? ifZero : otherwise;
      if (next !== null) sum += s[`c${next}`];
    }
    return sum + s.s0;
  };
  const runAsync = async (name: number, s: Any, own: Any): Promise<number> => {
    const read = async (other: number) => {
      const state = stateOf(other) === stateOf(name) ? s : await s.getState(states[stateOf(other)]);
      return state[`c${other}`];
    };
    let sum = name;
    for (const { waits, switch: at, ifZero, otherwise } of programs[name] ?? []) {
      if (waits) await null;
      const value = at < 3 ? own[`s${at}`] : (await read(at - 3)) % 2;
      const next = value === 0 ? ifZero : otherwise;
      if (next !== null) sum += await read(next);
    }
    return sum + own.s0;
  };
  const resolve = (name: number) => async (s: Any) =>
    runAsync(name, s, name < count ? s : await s.getState(states[0]));
  const counted = (name: number, run: (s: Any) => unknown) => (s: Any) => {
    runs[name] = (runs[name] ?? 0) + 1;
    return run(s) as Any;
  };
  const computedOf = (first: number) => (t: Any) =>
    Object.fromEntries(
      names.slice(first, first + count).map((name) => [
        `c${name}`,
        t.int({
          nullable: true,
          resolve: counted(name, isSync(name) ? (s) => runSync(name, s) : resolve(name)),
        }),
      ]),
    );
  states.push(
    builder.state('First', {
      vars: (t) => ({
        s0: t.int({ default: 0 }),
        s1: t.int({ default: 0 }),
        s2: t.int({ default: 0 }),
        idle: t.int({ default: 0 }),
      }),
      computed: computedOf(0),
    }),
    builder.state('Second', {
      vars: (t) => ({ idle: t.int({ default: 0 }) }),
      computed: computedOf(count),
    }),
  );
  const test = createTestApp({ schema: builder.toSchema() });
  return { test, states };
}

const fields = (first: number) =>
  names
    .slice(first, first + count)
    .map((name) => `c${name}`)
    .join(' ');
const read = `query ($token: ID!) { first(token: $token) { ${fields(0)} } second(token: $token) { ${fields(count)} } }`;

describe('computed vars of random states', () => {
  it('are what they would be if they were made anew, and run only if something they read has changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        programsArbitrary,
        fc.array(fc.tuple(fc.nat(3), fc.nat(1)), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (programs, commits, isReadFirst) => {
          const runs: number[] = [];
          const { test, states } = startStates(programs, runs);
          const client = test.client();
          const key = test.app.keyOf(client.token);
          let switches: Switches = [0, 0, 0];
          const check = async () => {
            const { data } = await client.execute(read);
            const values = { ...(data as Any).first, ...(data as Any).second };
            for (const name of names) {
              expect(values[`c${name}`], `c${name} for ${switches}`).toBe(
                expectedOf(programs, switches, name),
              );
            }
          };
          if (isReadFirst) await check();
          for (const [which, value] of commits) {
            await test.app.modifyState(states[0] as Any, key, (s: Any) => {
              s[which < 3 ? `s${which}` : 'idle'] = which < 3 ? value : s.idle + 1;
            });
            if (which < 3) switches = switches.with(which, value) as Any;
            await check();
            // A commit that nobody reads makes nothing run.
            runs.length = 0;
            await test.app.modifyState(states[1] as Any, key, (s: Any) => void s.idle++);
            expect(runs).toEqual([]);
          }
          await test.close();
        },
      ),
      { numRuns: 300, timeout: 2_000 },
    );
  });
});

function expectedOf(programs: readonly Program[], switches: Switches, name: number): number | null {
  try {
    return madeAnew(programs, switches, name);
  } catch (error) {
    if (error instanceof Circle) return null;
    throw error;
  }
}
