import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StateSnapshot } from '../../src/state/snapshot.ts';
import { decode, encode } from '../../src/store/lmdb/codec.ts';
import { snapshotChunks } from '../../src/store/snapshot-chunks.ts';
import { apply } from '../../src/values/apply.ts';
import type { Operation } from '../../src/values/operation.ts';
import { settled } from '../support/draft-of.ts';
import { ordered, type Root, rootArbitrary } from '../support/random-edits.ts';

const key = Buffer.from('it');

function statesOf(values: Root): Record<string, StateSnapshot> {
  const State = { version: 1, loaded: false, values, computed: {} };
  return settled({ State, Empty: { ...State, values: {} } }) as never;
}

function chunksOf(values: Root, chunkBytes: number): Buffer[] {
  return [...snapshotChunks(statesOf(values), chunkBytes)].map((chunk) => encode(chunk, key));
}

function load(chunks: readonly Buffer[]): unknown {
  const operations = chunks.flatMap((chunk) => decode<Operation[]>(chunk, key, 'a chunk'));
  return apply(Object.freeze({}), operations);
}

it('the pieces of a snapshot lead to its states, however small they are', () => {
  fc.assert(
    fc.property(rootArbitrary, fc.integer({ min: 1, max: 200 }), (values, chunkBytes) => {
      expect(ordered(load(chunksOf(values, chunkBytes)))).toEqual(ordered(statesOf(values)));
    }),
    { numRuns: 2_000 },
  );
});

it('a large list, Map or object, at any depth, is in pieces of about the wanted size', () => {
  const rows = Array.from({ length: 5_000 }, (_, id) => ({ id, title: `row ${id}` }));
  const nested = { rows, deep: [{ map: new Map(rows.map((row) => [`${row.id}`, row])) }] };
  const record = Object.fromEntries(rows.map((row) => [`${row.id}`, row]));
  const chunks = chunksOf({ nested, record } as never, 10_000);
  expect(chunks.length).toBeGreaterThan(30);
  for (const chunk of chunks) expect(chunk.length).toBeLessThan(15_000);
  expect(ordered(load(chunks))).toEqual(ordered(statesOf({ nested, record } as never)));
});
