import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Fence } from '../../src/engine/fence.ts';
import { Sleeper } from '../../src/engine/tasks/sleeper.ts';
import { systemClock } from '../../src/time/clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

describe('a sleeper', () => {
  it('sleeps several times, also at once, and wakes up from each by itself', async () => {
    const sleeper = new Sleeper(systemClock, new Fence());
    const woken: number[] = [];
    const sleep = (ms: number) => sleeper.sleep(ms).then(() => woken.push(ms));
    void sleep(5);
    await vi.advanceTimersByTimeAsync(5);
    expect([woken, sleeper.isAsleep]).toEqual([[5], false]);
    for (const ms of [30, 10, 20]) void sleep(ms);
    await vi.advanceTimersByTimeAsync(20);
    expect([woken, sleeper.isAsleep]).toEqual([[5, 10, 20], true]);
    await vi.advanceTimersByTimeAsync(10);
    expect([woken, sleeper.isAsleep]).toEqual([[5, 10, 20, 30], false]);
  });

  it('is woken by its fence with the reason, and leaves no timer', async () => {
    const fence = new Fence();
    const sleeper = new Sleeper(systemClock, fence);
    const sleeps = [sleeper.sleep(1_000), sleeper.sleep(2_000)];
    fence.abort(new Error('enough'));
    expect([vi.getTimerCount(), sleeper.isAsleep]).toEqual([0, false]);
    for (const sleep of [...sleeps, sleeper.sleep(10)])
      await expect(sleep).rejects.toThrow('enough');
  });
});
