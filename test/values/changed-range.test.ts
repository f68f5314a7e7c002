import { setImmediate as macrotask } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangedRange } from '../../src/delta/noted-range.ts';
import { apply } from '../../src/values/apply.ts';
import { changedRange } from '../../src/values/diff/changed-range.ts';
import { rebase } from '../../src/values/diff/rebase.ts';
import { settle } from '../../src/values/settle.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { draftOf } from '../support/draft-of.ts';

interface Row {
  id: number;
  text: string;
}

type Rows = readonly Row[];

/** So many that what is found out of them is noted. */
const count = 100;

const manyRows = () => settle({ rows: rowsFrom(0, count) }, []) as { rows: Row[] };

function rowsFrom(first: number, length: number): Row[] {
  return Array.from({ length }, (_, n) => ({ id: first + n, text: 'a row' }));
}

/** The plain way: every row is looked at. */
function compared(before: Rows, after: Rows): ChangedRange {
  const shorter = Math.min(before.length, after.length);
  const differs = (at: number) => before.at(at) !== after.at(at);
  const places = Array.from({ length: shorter }, (_, place) => place);
  const start = places.find(differs) ?? shorter;
  const end = places.slice(0, shorter - start).find((place) => differs(-1 - place));
  const kept = start + (end ?? shorter - start);
  return { start, removed: before.length - kept, inserted: after.length - kept };
}

const edit = fc.record({
  kind: fc.constantFrom('write', 'write', 'write', 'same', 'put', 'push', 'remove', 'move', 'anew'),
  at: fc.nat(count),
  to: fc.nat(count),
});

function makeEdit(rows: Row[], { kind, at, to }: { kind: string; at: number; to: number }): void {
  const row = rows[at % rows.length];
  if (!row) return;
  if (kind === 'write') row.text = `text ${to}`;
  else if (kind === 'same') row.text = `${row.text}`;
  else if (kind === 'put') rows[at % rows.length] = { ...row, text: 'put' };
  else if (kind === 'push') rows.push({ id: 1_000 + to, text: 'new' });
  else if (kind === 'remove') rows.splice(at % rows.length, 2);
  else if (kind === 'move') rows.splice(to % rows.length, 0, ...rows.splice(at % rows.length, 1));
  else rows.splice(0, rows.length, ...rows.map(({ id, text }) => ({ id, text })));
}

const commits = fc.array(fc.array(edit, { maxLength: 3 }), { minLength: 1, maxLength: 4 });

describe('the range in which two lists differ', () => {
  it('is what comparing them finds, for all versions that drafts make of one list', () => {
    fc.assert(
      fc.property(commits, fc.boolean(), (edits, isFlushed) => {
        let draft = draftOf(manyRows());
        const versions: Rows[] = [draft.base.rows];
        for (const each of edits) {
          for (const one of each) makeEdit(draft.draft.rows, one);
          const made = draft.node.snapshot([]) as { rows: Row[] };
          versions.push(made.rows);
          if (!isFlushed) draft = draftOf(made);
        }
        for (const before of versions) {
          for (const after of versions) {
            const range = compared(before, after);
            expect(changedRange(before, after)).toEqual(range);
            // As it was noted.
            expect(changedRange(before, after)).toEqual(range);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is found again in lists that somebody may change', () => {
    const [before, after] = [rowsFrom(0, count), rowsFrom(0, count)];
    const [first] = before as [Row];
    after[0] = first;
    expect(changedRange(before, after).start).toBe(1);
    after[1] = before[1] as Row;
    expect(changedRange(before, after).start).toBe(2);
  });

  it('keeps no version of a list that nobody else has', async () => {
    let latest = manyRows();
    const gone = new WeakRef(latest.rows);
    for (let version = 0; version < 3; version += 1) {
      const { node, draft } = draftOf(latest);
      (draft.rows[version] as Row).text = 'new';
      const next = node.snapshot([]) as { rows: Row[] };
      expect(changedRange(latest.rows, next.rows)).toMatchObject({ start: version });
      latest = next;
    }
    await macrotask();
    collectGarbage();
    expect(gone.deref()).toBeUndefined();
    expect(latest.rows).toHaveLength(count);
  });
});

describe('a list that follows another', () => {
  it('is equal and shares the same rows, whether it is taken as it is or made of the operations', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 4 }), fc.constantFrom('id', null), (edits, key) => {
        const { node, base, draft } = draftOf(manyRows());
        for (const each of edits) makeEdit(draft.rows, each);
        const { rows: after } = node.snapshot([]) as { rows: Row[] };
        const { value, operations } = rebase(base.rows, after, { path: [], key });
        const applied = apply(base.rows, operations) as Rows;
        expect(value).toEqual(after);
        expect(applied).toEqual(after);
        const sharedBy = (rows: Rows) => rows.map((row) => base.rows.indexOf(row));
        const shared = sharedBy(value as Rows);
        // It may share more: rows that changed their places, and have no key.
        for (const [place, old] of sharedBy(applied).entries()) {
          if (old >= 0) expect(shared[place]).toBe(old);
        }
      }),
      { numRuns: 500 },
    );
  });
});
