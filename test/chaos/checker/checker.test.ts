import { describe, expect, it } from 'vitest';
import { emptySnapshot, type TokenSnapshot } from '../../../src/state/snapshot.ts';
import type { Entry } from '../../../src/store/state-store.ts';
import type {
  Failover,
  LongHistory,
  Observation,
  Operation,
  Rule,
  Sight,
  TokenHistory,
} from '../history.ts';
import { checkLongToken } from './check-long.ts';
import { checkToken } from './check-token.ts';
import { exitText, stepText } from './text.ts';

/** A log as the engine writes it: the state at once, then what changes. */
function logOf(texts: readonly string[]): Entry[] {
  return texts.map((text, index) => ({
    version: index + 1,
    id: `id-${text}`,
    previousId: index === 0 ? '' : `id-${texts[index - 1]}`,
    firstId: `id-${texts[0]}`,
    operations:
      index === 0
        ? [['set', ['Cell'], { version: 1, loaded: false, values: { n: 1, ops: [text] } }]]
        : [
            ['set', ['Cell', 'values', 'n'], index + 1],
            ['splice', ['Cell', 'values', 'ops'], index, 0, [text]],
          ],
    changed: { Cell: ['n', 'ops'] },
  }));
}

function sight(texts: readonly string[], version = texts.length): Sight {
  return { version, n: version, ops: texts.slice(0, version) };
}

/** Sent at 10 × its version, and acknowledged 5 later. */
function append(id: string, version: number, sentAt = 10 * version): Operation {
  return {
    ...{ id, kind: 'append', sentAt },
    outcome: { kind: 'acknowledged', at: sentAt + 5, version },
  };
}

function refused(id: string, code: string, sentAt = 10): Operation {
  return { id, kind: 'append', sentAt, outcome: { kind: 'refused', at: sentAt + 5, code } };
}

function unknown(id: string, kind: Operation['kind'] = 'append', sentAt = 10): Operation {
  return { id, kind, sentAt, outcome: { kind: 'unknown' } };
}

function started(id: string, taskId: string, sentAt = 10): Operation {
  return { id, kind: 'work', sentAt, outcome: { kind: 'started', at: sentAt + 5, taskId } };
}

/** Version by version, from the empty snapshot on. */
function observe(texts: readonly string[]): Observation[] {
  return [...texts.keys(), texts.length].map((version) => ({
    ...sight(texts, version),
    at: 10 * version + 6,
    since: Math.max(0, version - 1),
    reset: version === 0,
    first: version === 0,
  }));
}

/** One operation per text, a subscriber that saw all, a node that has all. */
function historyOf(texts: readonly string[], other: Partial<TokenHistory> = {}): TokenHistory {
  return {
    token: 'T',
    operations: texts.map((text, index) => append(text, index + 1)),
    subscribers: [observe(texts)],
    base: emptySnapshot,
    log: logOf(texts),
    reads: [sight(texts)],
    failovers: [],
    ...other,
  };
}

function broken(history: TokenHistory): Rule[] {
  return [...new Set(checkToken(history).map(({ rule }) => rule))];
}

const abc = ['a', 'b', 'c'];

describe('the checker', () => {
  it('finds nothing wrong with a good history', () => {
    expect(checkToken(historyOf(abc))).toEqual([]);
    expect(checkToken(historyOf([]))).toEqual([]);
  });

  it('accepts what may or may not have been done', () => {
    expect(broken(historyOf(abc, { operations: abc.map((id) => unknown(id)) }))).toEqual([]);
    const operations = [...historyOf(abc).operations, unknown('d'), refused('e', 'LOCK_EXPIRED')];
    expect(broken(historyOf(abc, { operations }))).toEqual([]);
  });

  describe('log', () => {
    it.each<[string, (log: Entry[]) => void]>([
      ['a gap', (log) => log.splice(1, 1)],
      ['another previous id', (log) => log.splice(1, 1, { ...(log[1] as Entry), previousId: 'x' })],
      ['another first id', (log) => log.splice(2, 1, { ...(log[2] as Entry), firstId: 'x' })],
      ['a beginning that is none', (log) => log.shift()],
      [
        'an entry of two texts',
        (log) =>
          log.splice(2, 1, {
            ...(log[2] as Entry),
            operations: [
              ['set', ['Cell', 'values', 'n'], 3],
              ['splice', ['Cell', 'values', 'ops'], 2, 0, ['c', 'd']],
            ],
          }),
      ],
      [
        'an update that is lost',
        (log) =>
          log.splice(2, 1, {
            ...(log[2] as Entry),
            operations: [['splice', ['Cell', 'values', 'ops'], 1, 1, ['c']]],
          }),
      ],
      [
        'an entry that does not apply',
        (log) =>
          log.splice(1, 1, { ...(log[1] as Entry), operations: [['delete', ['None', 'values']]] }),
      ],
    ])('has %s', (_what, spoil) => {
      const log = logOf(abc);
      spoil(log);
      expect(broken(historyOf(abc, { log }))).toContain('log');
    });
  });

  describe('a log that begins with a snapshot', () => {
    const snapshotAt = (version: number, texts: readonly string[] = abc): TokenSnapshot => ({
      ...{ version, id: `id-${texts[version - 1]}`, firstId: `id-${texts[0]}` },
      states: {
        Cell: {
          ...{ version, loaded: false, computed: {} },
          values: { n: version, ops: texts.slice(0, version) },
        },
      },
    });
    const log = logOf(abc).slice(2);

    it('goes on from there', () => {
      expect(broken(historyOf(abc, { base: snapshotAt(2), log }))).toEqual([]);
      expect(broken(historyOf(abc, { base: snapshotAt(3), log: [] }))).toEqual([]);
    });

    it('does not follow it, or is of another history', () => {
      expect(broken(historyOf(abc, { base: snapshotAt(1), log }))).toEqual(['log']);
      expect(broken(historyOf(abc, { base: snapshotAt(2, ['a', 'x']), log }))).toEqual(['log']);
      expect(broken(historyOf(abc, { base: snapshotAt(2, ['x', 'b']), log }))).toEqual(['log']);
    });

    it('has lost an update before it', () => {
      const { states } = snapshotAt(1);
      expect(broken(historyOf(abc, { base: { ...snapshotAt(2), states }, log }))) //
        .toEqual(['log']);
    });
  });

  it('finds that something acknowledged is missing', () => {
    const operations = [...historyOf(abc).operations, append('d', 4)];
    expect(broken(historyOf(abc, { operations }))).toEqual(['acknowledged']);
  });

  it('finds what was acknowledged at another version', () => {
    const operations = [append('a', 1), append('b', 3, 20), append('c', 2, 30)];
    expect(broken(historyOf(abc, { operations }))).toContain('acknowledged');
  });

  it('finds what was refused', () => {
    const operations = [append('a', 1), refused('b', 'STORE_WRITE_FAILED', 20), append('c', 3)];
    expect(broken(historyOf(abc, { operations }))).toEqual(['refused']);
  });

  it('finds what throws, also when nobody was told', () => {
    const operations = [append('a', 1), unknown('b', 'refuse'), append('c', 3)];
    expect(broken(historyOf(abc, { operations }))).toEqual(['refused']);
  });

  it('finds what throws and was acknowledged all the same', () => {
    const wrong = { ...append('d', 4), kind: 'refuse' as const };
    const operations = [...historyOf(abc).operations, wrong];
    expect(broken(historyOf(abc, { operations }))).toContain('refused');
  });

  it('finds what is there twice', () => {
    const texts = ['a', 'b', 'b'];
    const operations = [append('a', 1), append('b', 2)];
    expect(broken(historyOf(texts, { operations }))).toEqual(['once']);
  });

  it('finds what nobody sent', () => {
    const operations = [append('a', 1), append('c', 3)];
    expect(broken(historyOf(abc, { operations }))).toEqual(['phantom']);
    expect(broken(historyOf([exitText('t', 'LOST')], { operations: [] }))).toContain('phantom');
  });

  it('finds what comes before something that was acknowledged when it was sent', () => {
    const operations = [append('a', 1, 30), append('b', 2), append('c', 3, 40)];
    expect(broken(historyOf(abc, { operations }))).toEqual(['order']);
  });

  it('knows no order among what was under way at the same time', () => {
    const operations = [append('a', 1, 23), append('b', 2), append('c', 3)];
    expect(broken(historyOf(abc, { operations }))).toEqual([]);
  });

  it('finds conflicts where no failover was', () => {
    const operations = [...historyOf(abc).operations, refused('d', 'CONFLICT', 40)];
    expect(broken(historyOf(abc, { operations }))).toEqual(['conflict']);
    const failovers = [{ syncedAt: 38, killedAt: 39 }];
    expect(broken(historyOf(abc, { operations, failovers }))).toEqual([]);
    expect(broken(historyOf(abc, { operations, failovers: [{ syncedAt: 50, killedAt: 51 }] }))) //
      .toEqual(['conflict']);
  });

  describe('a failover', () => {
    const failovers: readonly Failover[] = [{ syncedAt: 18, killedAt: 38 }];
    const reset = (texts: readonly string[], at: number): Observation => ({
      ...{ ...sight(texts), at, since: 0, reset: true, first: false },
    });
    /** b and c were acknowledged and are gone; d and e came after it. */
    const ade = ['a', 'd', 'e'];
    const operations = [...historyOf(abc).operations, append('d', 2, 40), append('e', 3, 50)];
    const good = historyOf(ade, {
      operations,
      failovers,
      subscribers: [[...observe(abc), reset(['a', 'd'], 46), ...observe(ade).slice(3)]],
    });

    it('may lose the end of a history', () => {
      expect(checkToken(good)).toEqual([]);
    });

    it('may not lose what was acknowledged before the replica had all', () => {
      expect(broken({ ...good, failovers: [{ syncedAt: 26, killedAt: 38 }] })) //
        .toEqual(['acknowledged']);
    });

    it('may not lose what was sent after it', () => {
      const late = operations.map((operation) =>
        operation.id === 'c' ? append('c', 3, 39) : operation,
      );
      expect(broken({ ...good, operations: late })).toContain('acknowledged');
    });

    it('may not lose something from the middle', () => {
      const adc = ['a', 'd', 'c'];
      const lost = [...historyOf(abc).operations, append('d', 2, 40)];
      expect(broken(historyOf(adc, { operations: lost, failovers }))).toContain('suffix');
    });

    it('is told by a reset to whoever saw what it took', () => {
      const [, ...rest] = observe(ade).slice(1);
      const silent = [...observe(abc).slice(0, 2), ...rest];
      expect(broken({ ...good, subscribers: [silent] })).toEqual([]);
      const fork = [...observe(abc).slice(0, 3), ...observe(ade).slice(3)];
      expect(broken({ ...good, subscribers: [fork] })).toEqual(['chain', 'fold']);
    });
  });

  describe('a subscriber', () => {
    const seen = observe(abc);
    const spoiled = (spoil: (observations: Observation[]) => void): Rule[] => {
      const observations = [...seen];
      spoil(observations);
      return broken(historyOf(abc, { subscribers: [observations] }));
    };

    it('may get several commits in one diff, and resets when it connects', () => {
      expect(spoiled((all) => all.splice(1, 2, { ...(all[2] as Observation), since: 0 }))) //
        .toEqual([]);
      const again = { ...(seen[2] as Observation), since: 0, reset: true, first: true };
      expect(spoiled((all) => all.splice(3, 0, again))).toEqual([]);
    });

    it('misses a version', () => {
      expect(spoiled((all) => all.splice(2, 1))).toEqual(['chain']);
    });

    it('gets a version twice', () => {
      expect(spoiled((all) => all.splice(2, 0, all[2] as Observation))).toEqual(['chain']);
    });

    it('does not begin with a snapshot', () => {
      expect(spoiled((all) => all.splice(0, 1))).toEqual(['chain']);
    });

    it('gets a reset for no reason', () => {
      const reset = { ...(seen[2] as Observation), since: 0, reset: true };
      expect(spoiled((all) => all.splice(2, 1, reset))).toEqual(['reset']);
    });

    it('sees another state than the log leads to', () => {
      const other = { ...(seen[2] as Observation), ops: ['a', 'x'] };
      expect(spoiled((all) => all.splice(2, 1, other))).toEqual(['chain', 'fold']);
      expect(spoiled((all) => all.splice(3, 1, { ...(seen[3] as Observation), n: 2 }))) //
        .toEqual(['chain', 'fold']);
    });

    it('is behind in the end', () => {
      expect(spoiled((all) => all.pop())).toEqual(['behind']);
    });
  });

  it('finds a node whose state is another', () => {
    expect(broken(historyOf(abc, { reads: [sight(abc), sight(['a', 'x', 'c'])] }))) //
      .toEqual(['read']);
    expect(broken(historyOf(abc, { reads: [sight(abc, 2)] }))).toEqual(['read']);
  });

  describe('a task', () => {
    const steps = [1, 2, 3].map((step) => stepText('w', step, 't'));
    const exit = exitText('t', 'SUCCEEDED');
    const check = (texts: readonly string[], other: Partial<TokenHistory> = {}): Rule[] =>
      broken(historyOf(texts, { operations: [started('w', 't', 5)], ...other }));

    it('makes its steps and exits', () => {
      expect(check([...steps, exit])).toEqual([]);
      expect(check([...steps.slice(0, 2), exitText('t', 'LOST')])).toEqual([]);
      expect(check([...steps, exit], { operations: [unknown('w', 'work', 5)] })).toEqual([]);
      // Nobody was told its id, and it ended before its first step.
      expect(check([exitText('t', 'LOST')], { operations: [unknown('w', 'work')] })).toEqual([]);
    });

    it('never exits', () => {
      expect(check(steps)).toEqual(['task']);
      expect(check([])).toEqual(['task']);
      expect(check(steps, { failovers: [{ syncedAt: 1, killedAt: 30 }] })).toEqual([]);
      expect(check(steps, { failovers: [{ syncedAt: 1, killedAt: 4 }] })).toEqual(['task']);
    });

    it('exits twice', () => {
      expect(check([...steps, exit, exitText('t', 'LOST')])).toEqual(['task']);
      expect(check([...steps, exit, exit])).toContain('task');
    });

    it('goes on after its exit', () => {
      const texts = [...steps.slice(0, 2), exitText('t', 'LOST'), ...steps.slice(2)];
      expect(check(texts)).toEqual(['task']);
    });

    it('leaves out a step, or makes them in another order', () => {
      const lost = exitText('t', 'LOST');
      expect(check([...steps.slice(1, 2), lost])).toEqual(['task']);
      expect(check([...steps.slice(0, 2).reverse(), lost])).toEqual(['task']);
      expect(check([...steps.slice(0, 2), exit])).toEqual(['task']);
    });

    it('is another than its client was told', () => {
      const operations = [started('w', 'other', 5)];
      expect(check([...steps, exit], { operations })).toContain('phantom');
    });
  });
});

describe('the checker of long-lived tokens', () => {
  const kept = 2;
  const tail = ({ ops, ...rest }: Sight): Sight => ({ ...rest, ops: ops.slice(-kept) });
  const longHistoryOf = (
    texts: readonly string[],
    other: Partial<LongHistory> = {},
  ): LongHistory => {
    const { base: _base, log: _log, ...history } = historyOf(texts);
    return {
      ...history,
      subscribers: history.subscribers.map((observations) =>
        observations.map((observation) => ({ ...observation, ...tail(observation) })),
      ),
      reads: history.reads.map(tail),
      ...other,
    };
  };
  const brokenLong = (texts: readonly string[], other: Partial<LongHistory>): Rule[] => [
    ...new Set(checkLongToken(longHistoryOf(texts, other)).map(({ rule }) => rule)),
  ];
  const abcd = ['a', 'b', 'c', 'd'];
  const { operations } = historyOf(abcd);

  it('finds nothing wrong with a good history', () => {
    expect(checkLongToken(longHistoryOf(abcd))).toEqual([]);
  });

  it('finds two operations at one version, and one at two', () => {
    expect(brokenLong(abcd, { operations: [...operations, append('x', 2, 21)] })) //
      .toContain('log');
    const twice = [...operations.slice(0, 3), append('c', 4, 40)];
    expect(brokenLong(abcd, { operations: twice })).toContain('once');
  });

  it('lets a failover take back a version', () => {
    const lost = append('x', 2, 15);
    const failovers = [{ syncedAt: 12, killedAt: 18 }];
    expect(brokenLong(abcd, { operations: [lost, ...operations], failovers })).toEqual([]);
  });

  it('finds that something acknowledged is missing', () => {
    const more = [...operations, append('e', 5), append('f', 6)];
    expect(brokenLong(abcd, { operations: more })).toContain('acknowledged');
  });

  it('finds what was refused', () => {
    const other = operations.map(({ id }, index) =>
      id === 'c' ? refused('c', 'CONFLICT', 30) : append(id, index + 1),
    );
    expect(brokenLong(abcd, { operations: other })).toEqual(['refused', 'conflict']);
  });

  it('lets a failover take back what is then refused', () => {
    const lost = refused('x', 'CONFLICT', 15);
    const failovers = [{ syncedAt: 12, killedAt: 18 }];
    const [seen = []] = longHistoryOf(abcd).subscribers;
    const [snapshot, first, ...rest] = seen as [Observation, Observation, ...Observation[]];
    const x = { ...first, ...tail(sight(['a', 'x'])), since: 1, at: 17 };
    const reset = { ...first, ...tail(sight(['a', 'b'])), since: 0, reset: true, at: 19 };
    const subscribers = [[snapshot, first, x, reset, ...rest.slice(1)]];
    const other = { operations: [lost, ...operations], subscribers };
    expect(brokenLong(abcd, { ...other, failovers })).toEqual([]);
    expect(brokenLong(abcd, { ...other, failovers: [{ syncedAt: 24, killedAt: 25 }] })) //
      .toContain('refused');
  });

  it('finds a wrong order', () => {
    const other = [append('a', 1, 30), ...operations.slice(1)];
    expect(brokenLong(abcd, { operations: other })).toContain('order');
  });

  it('finds subscribers that are behind or saw a fork, and nodes that differ', () => {
    const [seen = []] = longHistoryOf(abcd).subscribers;
    expect(brokenLong(abcd, { subscribers: [seen.slice(0, -1)] })).toEqual(['behind']);
    const fork = seen.map((observation) =>
      observation.version === 3 ? { ...observation, ops: ['x', 'c'] } : observation,
    );
    expect(brokenLong(abcd, { subscribers: [fork] })).toContain('chain');
    const reads = [tail(sight(abcd)), { ...tail(sight(abcd)), ops: ['x', 'd'] }];
    expect(brokenLong(abcd, { reads })).toContain('read');
  });
});
