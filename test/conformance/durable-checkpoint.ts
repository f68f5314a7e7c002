import { ImmutableStateError, ValueNotStorableError } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { leaveOutcome, read, start, whenEnded } from '../support/durable.ts';
import { type LabBuilder, type StoreFactory, startLab } from '../support/lab.ts';

type Cell = ReturnType<typeof defineCell>;
type Handler = Parameters<ReturnType<typeof backgroundOf>['resolve']>[0];

function backgroundOf(cell: Cell, attempts = 2) {
  return cell.background('work', {
    ...{ durable: { attempts, backoffMs: 1 }, onExit: leaveOutcome },
  });
}

/** Runs a task whose first attempt does something and throws then; resolves to what the second finds. */
async function resumeAfter(createStore: StoreFactory, first: Handler) {
  const found: { resumed: unknown; n: number; lines: readonly string[] }[] = [];
  const lab = await startLab(createStore, (builder: LabBuilder) => {
    backgroundOf(defineCell(builder)).resolve(async (self, args) => {
      if (self.attempt === 1) {
        await first(self, args);
        throw new Error('once');
      }
      found.push({ resumed: self.resumed, n: self.n, lines: [...self.lines] });
    });
  });
  await lab.client.run(start);
  expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 2 }]);
  expect(found).toHaveLength(1);
  return { ...lab, found: found[0] };
}

export function durableCheckpointTests(createStore: StoreFactory): void {
  describe('self.checkpoint', () => {
    it('says just what of the state is done: each step is done once, over all attempts', async () => {
      const resumed: unknown[] = [];
      const lab = await startLab(createStore, (builder) => {
        backgroundOf(defineCell(builder), 3).resolve(async (self) => {
          resumed.push(self.resumed);
          const from = (self.resumed as { next: number } | null)?.next ?? 0;
          for (let i = from; i < 5; i += 1) {
            await self.modifyState((s) => {
              s.lines.push(String(i));
              self.checkpoint({ next: i + 1 });
              if (self.attempt < 3 && i === 1 + self.attempt) throw new Error(`at ${i}`);
            });
          }
        });
      });
      await lab.client.run(start);
      expect(await whenEnded(lab)).toMatchObject([{ status: 'SUCCEEDED', attempt: 3 }]);
      expect(resumed).toEqual([null, { next: 2 }, { next: 3 }]);
      const { lines } = await lab.client.run(read);
      expect(lines).toEqual(['0', '1', '2', '3', '4', 'SUCCEEDED']);
    });

    it('stays what it is through an attempt that saves nothing', async () => {
      const resumed: unknown[] = [];
      const lab = await startLab(createStore, (builder) => {
        backgroundOf(defineCell(builder), 3).resolve(async (self) => {
          resumed.push(self.resumed);
          if (self.attempt === 1) await self.modifyState(() => self.checkpoint('first'));
          if (self.attempt < 3) throw new Error('again');
        });
      });
      await lab.client.run(start);
      await whenEnded(lab);
      expect(resumed).toEqual([null, 'first', 'first']);
    });

    it('goes with a flush; what comes after it is rolled back with the state', async () => {
      const { found } = await resumeAfter(createStore, (self) =>
        self.modifyState(async (s) => {
          s.n = 1;
          self.checkpoint('flushed');
          await s.flush();
          s.n = 2;
          self.checkpoint('rolled back');
          throw new Error('in the lock');
        }),
      );
      expect(found).toEqual({ resumed: 'flushed', n: 1, lines: [] });
    });

    it('is dropped by rollback()', async () => {
      const { found } = await resumeAfter(createStore, (self) =>
        self.modifyState((s) => {
          s.n = 1;
          self.checkpoint('dropped');
          s.rollback();
          s.lines.push('after');
        }),
      );
      expect(found).toEqual({ resumed: null, n: 0, lines: ['after'] });
    });

    it('called twice in one lock saves the last', async () => {
      const { found } = await resumeAfter(createStore, (self) =>
        self.modifyState((s) => {
          self.checkpoint('first');
          s.n = 1;
          self.checkpoint('last');
        }),
      );
      expect(found).toEqual({ resumed: 'last', n: 1, lines: [] });
    });

    it('is saved also by a lock that changes nothing, which is no commit to anybody else', async () => {
      const { client, found } = await resumeAfter(createStore, (self) =>
        self.modifyState(() => self.checkpoint('alone')),
      );
      expect(found).toEqual({ resumed: 'alone', n: 0, lines: [] });
      // That of onExit.
      expect(await client.run('{ cell(token: "T") { version } }')).toEqual({ version: 1 });
    });

    it('is saved in the block form, with what the block commits', async () => {
      const { found } = await resumeAfter(createStore, async (self) => {
        {
          await using s = await self.modify();
          s.n = 1;
          self.checkpoint('block');
        }
        await using s = await self.modify();
        s.n = 2;
        self.checkpoint('dropped');
        s.rollback();
      });
      expect(found).toEqual({ resumed: 'block', n: 1, lines: [] });
    });

    it('is refused outside of a lock: before, between, after', async () => {
      const errors: unknown[] = [];
      const { found } = await resumeAfter(createStore, async (self) => {
        const tryIt = () => {
          try {
            self.checkpoint('outside');
          } catch (error) {
            errors.push(error);
          }
        };
        tryIt();
        await self.modifyState(() => self.checkpoint('inside'));
        tryIt();
        {
          await using s = await self.modify();
          s.n = 1;
        }
        tryIt();
      });
      expect(errors).toEqual(Array(3).fill(expect.any(TypeError)));
      expect(String(errors[0])).toContain('self.checkpoint() inside self.modifyState()');
      expect(found).toEqual({ resumed: 'inside', n: 1, lines: [] });
    });

    it.each([
      ['a function', () => {}],
      ['undefined', undefined],
      ['NaN', { deep: [Number.NaN] }],
      ['an instance of a class', new (class Thing {})()],
    ])('refuses what a state could not hold: %s', async (_what, value) => {
      const errors: unknown[] = [];
      const { found } = await resumeAfter(createStore, async (self) => {
        await self.modifyState((s) => {
          s.n = 1;
          self.checkpoint('before');
          try {
            self.checkpoint(value);
          } catch (error) {
            errors.push(error);
          }
        });
      });
      expect(errors).toEqual([expect.any(ValueNotStorableError)]);
      expect(String(errors[0])).toContain('checkpoint');
      expect(found).toEqual({ resumed: 'before', n: 1, lines: [] });
    });

    it('of null takes the place of the one before', async () => {
      const { found } = await resumeAfter(createStore, async (self) => {
        await self.modifyState(() => self.checkpoint('before'));
        await self.modifyState(() => self.checkpoint(null));
      });
      expect(found?.resumed).toBeNull();
    });

    it('keeps values of every kind as they were when it was called, and read-only', async () => {
      const value = {
        at: new Date(1_700_000_000_123),
        map: new Map<unknown, unknown>([['a', [1n]]]),
        set: new Set([true]),
        list: ['x'],
      };
      const { found } = await resumeAfter(createStore, (self) =>
        self.modifyState(() => {
          self.checkpoint(value);
          value.list.push('later');
        }),
      );
      const resumed = found?.resumed as typeof value;
      expect(resumed.at.getTime()).toBe(1_700_000_000_123);
      expect([...resumed.map]).toEqual([['a', [1n]]]);
      expect([...resumed.set]).toEqual([true]);
      expect(resumed.list).toEqual(['x']);
      expect(() => resumed.list.push('y')).toThrow(ImmutableStateError);
      expect(() => resumed.set.add(false)).toThrow();
    });

    it('takes what it is given from the draft of the state as that is', async () => {
      const { found } = await resumeAfter(createStore, (self) =>
        self.modifyState((s) => {
          s.lines.push('a');
          self.checkpoint({ lines: s.lines });
          s.lines.push('b');
        }),
      );
      expect(found).toEqual({ resumed: { lines: ['a'] }, n: 0, lines: ['a', 'b'] });
    });

    it('is nothing that a task has which is not durable', async () => {
      const seen: unknown[] = [];
      const lab = await startLab(createStore, (builder) => {
        defineCell(builder)
          .background('work')
          .resolve(async (self) => {
            seen.push('checkpoint' in self, 'resumed' in self, 'attempt' in self);
          });
      });
      await lab.client.run(start);
      await whenEnded(lab);
      expect(seen).toEqual([false, false, false]);
    });
  });
}
