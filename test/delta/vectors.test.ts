import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyPatch } from '../../src/delta/apply-patch.ts';
import type { Patch } from '../../src/delta/patch.ts';
import { writePatch } from '../../src/delta/write-patch.ts';

type Vector = [before: unknown, patch: Patch, after: unknown];

const protocol = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
const [, block = '[]'] = /### Wire deltas[\s\S]+?```json\n([\s\S]+?)```/.exec(protocol) ?? [];
const vectors: Vector[] = JSON.parse(block);

describe('the test vectors of PROTOCOL.md', () => {
  it('are there', () => {
    expect(vectors.length).toBeGreaterThan(10);
  });

  it.each(vectors)('from %j by %j to %j', (before, patch, after) => {
    expect(applyPatch(before, patch)).toEqual(after);
    const own = JSON.parse(writePatch(before, after) ?? '{}');
    expect(applyPatch(before, own)).toEqual(after);
  });
});
