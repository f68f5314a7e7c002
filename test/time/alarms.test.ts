import * as fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Alarm } from '../../src/time/alarm.ts';
import { Alarms } from '../../src/time/alarms.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { until } from '../support/until.ts';

const day = 24 * 3_600_000;

class Bell extends Alarm {
  readonly #onRing: () => void;

  constructor(onRing: () => void) {
    super();
    this.#onRing = onRing;
  }

  override ring(): void {
    this.#onRing();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

describe('alarms', () => {
  it('ring when they are due, those of one time in the order in which they were set', () => {
    const times = fc.array(fc.record({ ms: fc.nat(20), isUnset: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 7 }), (given, step) => {
        const alarms = new Alarms();
        const rung: number[] = [];
        const bells = given.map((_, index) => new Bell(() => rung.push(index)));
        bells.forEach((bell, index) => {
          alarms.set(bell, given[index]?.ms ?? 0);
        });
        bells.forEach((bell, index) => {
          if (given[index]?.isUnset) alarms.unset(bell);
        });
        const due = (until: number) =>
          [...given.entries()]
            .filter(([, { ms, isUnset }]) => !isUnset && Math.max(ms, 1) <= until)
            .toSorted(([, a], [, b]) => Math.max(a.ms, 1) - Math.max(b.ms, 1))
            .map(([index]) => index);
        for (let now = step; now < 30; now += step) {
          vi.advanceTimersByTime(step);
          expect(rung).toEqual(due(now));
        }
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('are rung by one timer, which is set to the first of them', () => {
    const alarms = new Alarms();
    const rung: string[] = [];
    for (const ms of [50, 30, 40, 30]) alarms.set(new Bell(() => rung.push(`${ms}`)), ms);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersToNextTimer();
    expect(rung).toEqual(['30', '30']);
  });

  it('that are due at once let others have a turn in between', () => {
    const alarms = new Alarms();
    const rung: number[] = [];
    const bells = Array.from({ length: 50 }, (_, index) => new Bell(() => rung.push(index)));
    for (const bell of bells) alarms.set(bell, 5);
    const last = new Bell(() => rung.push(50));
    alarms.set(last, 6);
    vi.advanceTimersToNextTimer();
    expect(rung).toHaveLength(8);
    vi.advanceTimersToNextTimer();
    expect(rung).toHaveLength(16);
    for (const bell of bells.slice(16, 26)) alarms.unset(bell);
    expect(vi.getTimerCount()).toBe(1);
    vi.runAllTimers();
    expect(rung).toEqual([...Array(51).keys()].filter((index) => index < 16 || index >= 26));
  });

  it('that are all unset leave no timer: the process may end', () => {
    const alarms = new Alarms();
    const bells = Array.from({ length: 3 }, () => new Bell(() => {}));
    for (const bell of bells) alarms.set(bell, day);
    for (const bell of bells) alarms.unset(bell);
    for (const bell of bells) alarms.unset(bell);
    expect(vi.getTimerCount()).toBe(0);
    const ring = vi.fn();
    alarms.set(new Bell(ring), 5);
    vi.advanceTimersByTime(5);
    expect(ring).toHaveBeenCalledOnce();
  });

  it('that are unset hold no timer once the others have rung', () => {
    for (const isFirstUnset of [true, false]) {
      const alarms = new Alarms();
      const [late, later] = [new Bell(() => {}), new Bell(() => {})];
      if (isFirstUnset) for (const bell of [late, later]) alarms.set(bell, day);
      alarms.set(new Bell(() => {}), 5);
      if (!isFirstUnset) for (const bell of [late, later]) alarms.set(bell, day);
      for (const bell of [later, late]) alarms.unset(bell);
      vi.advanceTimersByTime(5);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('that have rung can be unset, without an effect on others', () => {
    const alarms = new Alarms();
    const ring = vi.fn();
    const first = new Bell(() => {});
    alarms.set(first, 5);
    alarms.set(new Bell(ring), 10);
    vi.advanceTimersByTime(5);
    alarms.unset(first);
    vi.advanceTimersByTime(5);
    expect(ring).toHaveBeenCalledOnce();
  });

  it('may be set again once they have rung, also while others ring', () => {
    const alarms = new Alarms();
    let rung = 0;
    const bell: Bell = new Bell(() => {
      rung += 1;
      if (rung < 5) alarms.set(bell, 10);
    });
    alarms.set(bell, 10);
    vi.advanceTimersByTime(39);
    expect(rung).toBe(3);
    vi.advanceTimersByTime(100);
    expect(rung).toBe(5);
    alarms.set(bell, 10);
    alarms.unset(bell);
    vi.advanceTimersByTime(100);
    expect(rung).toBe(5);
  });

  it('ring after more time than a timer has, and at once after none', () => {
    const alarms = new Alarms();
    const rung: string[] = [];
    alarms.set(new Bell(() => rung.push('in 60 days')), 60 * day);
    for (const ms of [Number.NaN, -5, 0]) alarms.set(new Bell(() => rung.push(`${ms}`)), ms);
    vi.advanceTimersByTime(1);
    expect(rung).toEqual(['NaN', '-5', '0']);
    vi.advanceTimersByTime(60 * day - 2);
    expect(rung).toHaveLength(3);
    vi.advanceTimersByTime(1);
    expect(rung).toEqual(['NaN', '-5', '0', 'in 60 days']);
  });

  it('go on after one that throws', () => {
    const alarms = new Alarms();
    const ring = vi.fn();
    alarms.set(
      new Bell(() => {
        throw new Error('broken');
      }),
      5,
    );
    alarms.set(new Bell(ring), 5);
    expect(() => vi.advanceTimersByTime(5)).toThrow('broken');
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
  });

  it('that were unset are not kept', async () => {
    vi.useRealTimers();
    const alarms = new Alarms();
    const kept = [new Bell(() => {})];
    for (const bell of kept) alarms.set(bell, day);
    let gone = 0;
    const registry = new FinalizationRegistry(() => {
      gone += 1;
    });
    const count = 1_000;
    for (let index = 0; index < count; index += 1) {
      const bell = new Bell(() => {});
      registry.register(bell, null);
      alarms.set(bell, day);
      alarms.unset(bell);
    }
    await until(() => {
      collectGarbage();
      return gone > count - 200;
    }, 'most are gone');
    for (const bell of kept) alarms.unset(bell);
  });
});
