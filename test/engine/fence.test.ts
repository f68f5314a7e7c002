import { describe, expect, it, vi } from 'vitest';
import { Fence } from '../../src/engine/fence.ts';

describe('a fence', () => {
  it('tells its listeners once, and for the first reason', () => {
    const fence = new Fence();
    const [told, gone, late] = [vi.fn(), vi.fn(), vi.fn()];
    for (const listener of [told, gone]) fence.addEventListener('abort', listener);
    fence.removeEventListener('abort', gone);
    expect([fence.aborted, fence.reason]).toEqual([false, null]);
    fence.throwIfAborted();
    const reason = new Error('enough');
    fence.abort(reason);
    fence.abort(new Error('once more'));
    fence.addEventListener('abort', late);
    expect([fence.aborted, fence.reason]).toEqual([true, reason]);
    expect(() => fence.throwIfAborted()).toThrow(reason);
    expect([told, gone, late].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0]);
  });

  it.each([['before'], ['after']])('has a signal, asked for %s it aborts', (when) => {
    const fence = new Fence();
    const reason = new Error('enough');
    const told = vi.fn();
    if (when === 'before') fence.signal.addEventListener('abort', told);
    fence.abort(reason);
    expect(fence.signal).toBeInstanceOf(AbortSignal);
    expect(fence.signal).toBe(fence.signal);
    expect(fence.signal.reason).toBe(reason);
    expect(told).toHaveBeenCalledTimes(when === 'before' ? 1 : 0);
  });
});
