import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordLog } from '../../src/engine/record-log.ts';
import { emptySnapshot, type TokenSnapshot } from '../../src/state/snapshot.ts';
import type { Entry } from '../../src/store/state-store.ts';
import { apply } from '../../src/values/apply.ts';
import { collectGarbage } from '../support/collect-garbage.ts';

const reach = 256;

/** A history of commits, and the log that is told of it. */
class History {
  readonly log = new RecordLog();
  readonly snapshots: TokenSnapshot[] = [emptySnapshot];

  get newest(): TokenSnapshot {
    return this.snapshots.at(-1) as TokenSnapshot;
  }

  /** One of this node. */
  commit(): void {
    const before = this.newest;
    const entry = this.#next();
    this.log.append(before, entry, this.newest);
  }

  /** Several of another node, which come at once. */
  follow(count: number): void {
    const before = this.newest;
    const entries = Array.from({ length: count }, () => this.#next());
    expect(this.log.extend(before, entries)).toEqual(this.newest);
  }

  check(version: number): void {
    const { version: newest } = this.newest;
    const record = this.log.get(version);
    const isKept = version > Math.max(0, newest - reach) && version <= newest;
    expect(record?.snapshot ?? null).toEqual(isKept ? this.snapshots[version] : null);
    if (isKept) {
      expect(record?.changed).toEqual({ S: [version % 2 === 0 ? 'a' : 'b'] });
    }
  }

  #next(): Entry {
    const before = this.newest;
    const version = before.version + 1;
    const id = `id-${version}`;
    const name = version % 2 === 0 ? 'a' : 'b';
    const values = { a: 0, b: 0, [name]: version };
    const entry: Entry = {
      ...{ version, id, firstId: 'id-1', previousId: before.id },
      operations:
        version === 1
          ? [['set', ['S'], { version, loaded: false, values, computed: {} }]]
          : [['set', ['S', 'values', name], version]],
      changed: { S: [name] },
    };
    const applied = apply(before.states, entry.operations) as TokenSnapshot['states'];
    const state = applied['S'];
    if (!state) throw new Error('Expected the state to be there.');
    this.snapshots.push({
      ...{ version, id, firstId: 'id-1' },
      states: { S: { ...state, version } },
    });
    return entry;
  }
}

describe('the log of commits', () => {
  it('has the last 256, each with the states after it, however they came', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('commit'), count: fc.nat(40) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('follow'), count: fc.nat(90) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('follow'), count: fc.nat(600) }) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('ask'), count: fc.nat(400) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const history = new History();
        for (const { do: what, count } of steps) {
          if (what === 'commit') for (let at = 0; at < count; at += 1) history.commit();
          else if (what === 'follow') history.follow(count);
          else history.check(history.newest.version - count);
        }
        const { version } = history.newest;
        for (let at = Math.max(0, version - 300); at <= version + 1; at += 1) history.check(at);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the states of few of them', async () => {
    const history = new History();
    for (let count = 0; count < 1_000; count += 1) history.commit();
    const snapshots = history.snapshots.map((snapshot) => new WeakRef(snapshot));
    history.snapshots.length = 0;
    // A WeakRef keeps what it was made of until the turn is over.
    await new Promise(setImmediate);
    collectGarbage();
    expect(history.log.get(1_000 - reach + 1)).not.toBeNull();
    const kept = snapshots.filter((snapshot) => snapshot.deref());
    expect(kept.length).toBeLessThan(reach / 8);
  });
});
